"""dbt's parsed project, kept from one night to the next: reading it back takes half a second, parsing it four.

dbt parses everything anew when any variable changes, and each night changes ``as_at`` and ``known_at``. Both are only
read when a model is compiled, never while the project is parsed (a test compares the two), so the parsed project of
another night is this night's too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

OF_THE_NIGHT: Final = ("as_at", "known_at")
"""Variables that a parsed project does not depend on."""

_FOLDERS: Final = ("models", "macros", "seeds", "tests")
_MARK: Final = "parsed_from.txt"


def fingerprint(project: Path, variables: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """sha256 of everything that a parse reads: dbt's version, the project's files, the policy, the database's name."""
    lasting = {name: value for name, value in variables.items() if name not in OF_THE_NIGHT}
    database = {name: value for name, value in environment.items() if name.startswith("ROLLCALL_PG_")}
    digest = hashlib.sha256(json.dumps([version("dbt-core"), version("dbt-postgres"), lasting, database]).encode())
    folders = [path for name in _FOLDERS for path in (project / name).rglob("*")]
    for path in sorted([*folders, *project.glob("*.yml")]):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(project)} {content}\n".encode())
    return digest.hexdigest()


def parsed_before(target: Path, print_of_now: str) -> Any:
    """The project as dbt parsed it into ``target``; None where nothing was kept or something of it has changed."""
    mark, kept = target / _MARK, target / "partial_parse.msgpack"
    if not kept.exists() or not mark.exists() or mark.read_text(encoding="utf-8") != print_of_now:
        return None
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def forget(target: Path) -> None:
    """Before dbt parses anew: what is kept belongs to no fingerprint until it has ended."""
    (target / _MARK).unlink(missing_ok=True)


def remember(target: Path, print_of_now: str) -> None:
    """After dbt has parsed into ``target``: what is kept there belongs to this fingerprint."""
    if (target / "partial_parse.msgpack").exists():
        (target / _MARK).write_text(print_of_now, encoding="utf-8")
