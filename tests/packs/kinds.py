"""Every kind of pack of the tiny city, written once, and how a test opens one."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from rollcall.report.packs import Request, write_pack
from rollcall.report.packs.lists import Scope
from tests.tiny_city import SECONDARY, TinyCity

TRUST = "Three Rivers Learning Trust"
READER = "A Jones, link officer"
KINDS = {
    "plans": Request("plans", audience=READER),
    "plans of a school": Request("plans", Scope(SECONDARY), READER),
    "statutory": Request("statutory", audience=READER),
    "virtual-school": Request("virtual-school", audience=READER),
    "tsm": Request("tsm", Scope(SECONDARY), READER, term="summer"),
    "board": Request("board", Scope(SECONDARY), READER),
    "board of a trust": Request("board", audience=READER, trust=TRUST),
}
WITH_NAMES = Request("plans", audience=READER, with_names=True, why="review meetings of July")


@pytest.fixture(scope="session")
def written(tiny_city: TinyCity) -> dict[str, list[Path]]:
    """Every kind of pack, and one with names."""
    packs = {name: write_pack(tiny_city.settings, tiny_city.city, request) for name, request in KINDS.items()}
    return {**packs, "names": write_pack(tiny_city.settings, tiny_city.city, WITH_NAMES)}


def book_of(paths: list[Path]) -> bytes:
    return next(path for path in paths if path.suffix == ".xlsx").read_bytes()


def page_of(paths: list[Path]) -> Path:
    return next(path for path in paths if path.suffix == ".html")


def sheet(paths: list[Path], name: str) -> list[dict[str, Any]]:
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(book_of(paths))).get_sheet_by_name(name).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]
