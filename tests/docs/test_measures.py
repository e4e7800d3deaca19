"""The ledger of measures: it is the page, it names every published measure, and its tests exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from scripts.measures_page import PAGE, page, rows

ROOT: Final = Path(__file__).resolve().parents[2]
MODELS: Final = ROOT / "dbt_project" / "models"
# what a column of a published mart is called if it is a measure and neither a key nor a description
MEASURE: Final = re.compile(
    r"^(sessions|enrolments|children|dfe|schools|further|absences|attendances|spells|days|weeks)(_|$)"
    r"|_rate$|^is_(persistently|severely|recoverable)|_band$"
)
# keys and descriptions that look like measures
NOT_MEASURES: Final = {"dfe_phase"}


def published_columns() -> dict[str, set[str]]:
    """Column -> the published aggregates and absence facts that hold it."""
    found: dict[str, set[str]] = {}
    for path in MODELS.rglob("*.yml"):
        loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for model in loaded.get("models", []):
            if re.match(
                r"agg_.*_absence|fct_(child|enrolment)_absence|fct_sessions_to_threshold|fct_enrolment_codes",
                model["name"],
            ):
                for column in model["columns"]:
                    found.setdefault(column["name"], set()).add(model["name"])
    return found


def test_the_page_is_the_ledger():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python scripts/measures_page.py`"


def test_a_measure_has_one_name_and_one_row():
    names = [row["measure"] for row in rows()]
    assert len(names) == len(set(names))
    assert all(row["family"] and row["sentence"].endswith(".") and row["source"] and row["tests"] for row in rows())


def test_every_published_measure_is_in_the_ledger():
    listed = {row["measure"] for row in rows()}
    columns = published_columns()
    missing = {name: where for name, where in columns.items() if MEASURE.search(name) and name not in listed}
    assert {name: where for name, where in missing.items() if name not in NOT_MEASURES} == {}


def test_every_test_of_the_ledger_exists():
    dbt = "\n".join(path.read_text(encoding="utf-8") for path in MODELS.rglob("*unit_tests.yml"))
    known = set(re.findall(r"- name: (\w+__\w+)", dbt))
    known |= {path.stem for path in (ROOT / "dbt_project" / "tests").rglob("*.sql")}
    known |= {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    named = {name for row in rows() for name in row["tests"].split("; ")}
    assert named - known == set()
