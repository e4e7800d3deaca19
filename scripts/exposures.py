"""Write dbt_project/models/exposures.yml from what reads the marts: `python scripts/exposures.py`; a test keeps them equal.

A dashboard rests on the marts of its datasets, a page on the views that its code asks, a pack on those of its module and
of what that imports.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
FILE: Final = ROOT / "dbt_project" / "models" / "exposures.yml"
_VIEW: Final = re.compile(r"\bserve\.(\w+)")
_OWNER: Final = {"name": "Attendance data team", "email": "attendance-data@localhost"}
_PAGES: Final = {
    "city_report": ("City report", "plugins/rollcall/report", "The page for leaders, after every published night."),
    "operator_page": ("Tonight", "plugins/rollcall/report/operator", "How the night went, for the engineer on duty."),
    "cookbook": ("Cookbook", "docs/cookbook", "Twenty questions of an analyst, each a query."),
}


def marts() -> set[str]:
    """The names of the published models."""
    models = ROOT / "dbt_project" / "models"
    return {path.stem for layer in ("marts", "reports") for path in (models / layer).rglob("*.sql")}


def exposures() -> list[dict[str, Any]]:
    """Every page and dashboard with the marts that it rests on."""
    known = marts()
    found = []
    for name, (label, folder, text) in _PAGES.items():
        files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".md")]
        if name == "city_report":
            files = [path for path in files if path.parts[-2] not in ("operator", "packs", "catalogue")]
        views = {view for path in files for view in _VIEW.findall(path.read_text(encoding="utf-8"))}
        found.append(_exposure(name, label, "analysis" if name == "cookbook" else "application", text, views & known))
    found += [
        _exposure(
            f"pack_{path.stem}", f"Pack: {path.stem.replace('_', ' ')}", "application", text, _views_of(path) & known
        )
        for path, text in _packs()
    ]
    views_of = _views_of_datasets()
    for path in sorted((ROOT / "bi" / "dashboards").glob("*.yml")):
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        datasets = set(re.findall(r"dataset: (\w+)", path.read_text(encoding="utf-8")))
        views = {view for dataset in datasets for view in views_of[dataset]}
        name = "dashboard_" + path.stem.split("_", 1)[1]
        found.append(_exposure(name, said["title"], "dashboard", "A dashboard of the BI tool.", views & known))
    return found


def _packs() -> list[tuple[Path, str]]:
    """The module of each kind of pack, with the first line of what it says of itself."""
    found = []
    for path in sorted((ROOT / "plugins/rollcall/report/packs").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(item, ast.FunctionDef) and item.name == f"{path.stem}_pack" for item in tree.body):
            found.append((path, (ast.get_docstring(tree) or "").splitlines()[0]))
    return found


def _views_of(path: Path, seen: set[Path] | None = None) -> set[str]:
    """The views that a module of the reports asks, and all that it imports of them."""
    seen = set() if seen is None else seen
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    views = set(_VIEW.findall(text))
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.ImportFrom) and (item.module or "").startswith("rollcall.report."):
            imported = ROOT / "plugins" / f"{(item.module or '').replace('.', '/')}.py"
            if imported.is_file() and imported not in seen:
                views |= _views_of(imported, seen)
    return views


def _views_of_datasets() -> dict[str, set[str]]:
    entries = [
        entry
        for path in sorted((ROOT / "bi" / "datasets").glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    return {entry["name"]: set(_VIEW.findall(yaml.safe_dump(entry))) for entry in entries}


def _exposure(name: str, label: str, kind: str, text: str, views: set[str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "maturity": "high",
        "description": text,
        "owner": dict(_OWNER),
        "depends_on": [f"ref('{view}')" for view in sorted(views)],
    }


def text() -> str:
    """The file as it must read."""
    head = "# Who reads which marts. Written by scripts/exposures.py: change what reads them, not this file.\n"
    return head + yaml.safe_dump({"exposures": exposures()}, sort_keys=False, width=120)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
