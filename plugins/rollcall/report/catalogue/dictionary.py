"""The data dictionary: every published mart with its grain, columns, tests and lineage, from dbt's own manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PUBLISHED: Final = ("marts", "reports")


@dataclass(frozen=True)
class Column:
    """One column: its type in the database and what it means."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Mart:
    """One published table, as analysts read it in ``serve``: what a row is, its columns, its sources and tests."""

    name: str
    folder: str
    description: str
    columns: tuple[Column, ...]
    made_of: tuple[str, ...]
    tests: tuple[str, ...]


def read_marts(manifest: Path) -> list[Mart]:
    """Every published mart of a manifest, by name; raises ``FileNotFoundError`` where nothing was built yet."""
    nodes: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    tests: dict[str, list[str]] = {}
    for node in nodes.values():
        if node["resource_type"] == "test":
            for parent in node["depends_on"]["nodes"]:
                tests.setdefault(parent, []).append(node["name"])
    marts = [
        Mart(
            name=node["name"],
            folder="/".join(node["fqn"][1:-1]),
            description=_line(node["description"]),
            columns=tuple(
                Column(name, facts.get("data_type") or "", _line(facts["description"]))
                for name, facts in node["columns"].items()
            ),
            made_of=tuple(sorted(parent.split(".")[2] for parent in node["depends_on"]["nodes"])),
            tests=tuple(sorted(set(tests.get(key, ())))),
        )
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["fqn"][1] in PUBLISHED
    ]
    return sorted(marts, key=lambda mart: mart.name)


def _line(text: str) -> str:
    return " ".join(text.split())
