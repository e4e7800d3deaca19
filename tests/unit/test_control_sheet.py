"""The workbook's sheet ``control``: read as strictly as ``control.json``, which it must not contradict."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from rollcall.connectors.deliveries import read_control

GOOD: dict[str, Any] = {
    "template": 1, "urn": 900012, "mode": "snapshot", "scope_from": date(2026, 4, 20), "scope_to": "2026-07-10",
    "taken_at": "2026-07-10T17:05:00+00:00", "pupils": 412, "marks": 45112,
}  # fmt: skip
AS_JSON = {**GOOD, "scope_from": "2026-04-20"}


def write(
    folder: Path, rows: list[tuple[Any, ...]], sheet: str = "control", head: tuple[str, ...] = ("key", "value")
) -> None:
    book = xlsxwriter.Workbook(str(folder / "register.xlsx"), {"strings_to_formulas": False})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    for name in ("pupils", "marks", sheet):
        page = book.add_worksheet(name)
        for number, row in enumerate([head, *rows] if name == sheet else []):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, place, value, days)
                elif isinstance(value, str) and value.startswith("="):
                    page.write_formula(number, place, value, None, 412)
                else:
                    page.write(number, place, value)
    book.close()


def rows_of(**changes: Any) -> list[tuple[Any, ...]]:
    return list((GOOD | changes).items())


@pytest.mark.parametrize("sheet", ["control", " Control "])
def test_the_sheet_says_what_the_file_would(tmp_path: Path, sheet: str):
    write(tmp_path, rows_of(), sheet)
    assert read_control(tmp_path) == AS_JSON


def test_keys_may_be_missing_and_rows_empty_but_not_the_mode(tmp_path: Path):
    write(tmp_path, [("mode", "delta"), ("", ""), ("pupils", 0)])
    assert read_control(tmp_path) == {"mode": "delta", "pupils": 0}
    write(tmp_path, [("pupils", 3)])
    assert "mode is missing" in (read_control(tmp_path) or {})["fault"]


@pytest.mark.parametrize(
    ("rows", "where", "rule"),
    [
        (rows_of(pupils="=400+12"), "sheet control:", "formula"),
        (rows_of(pupils="412"), "row 8", "pupils must be a whole number"),
        (rows_of(pupils=412.5), "row 8", "pupils must be a whole number"),
        (rows_of(marks=-1), "row 9", "marks must be a whole number"),
        (rows_of(urn=True), "row 3", "urn must be a whole number"),
        (rows_of(mode="Snapshot"), "row 4", "mode must be snapshot or delta"),
        (rows_of(scope_from="20/04/2026"), "row 5", "scope_from must be a date"),
        (rows_of(scope_from=46132), "row 5", "scope_from must be a date"),
        (rows_of(scope_to=datetime(2026, 7, 10, 9, 30)), "row 6", "scope_to must be a date"),
        (rows_of(taken_at="2026-07-10T17:05:00"), "row 7", "taken_at must be a text with its offset"),
        (rows_of(taken_at=date(2026, 7, 10)), "row 7", "taken_at must be a text with its offset"),
        ([*rows_of(), ("scope_form", "2026-04-20")], "row 10", "the key is none of"),
        ([*rows_of(), (7, 7)], "row 10", "the key is none of"),
        ([*rows_of(), ("", 7)], "row 10", "the key is none of"),
        ([*rows_of(), ("pupils", 412)], "row 10", "pupils stands twice"),
        ([("mode", "delta", "see note")], "row 2", "beside key and value"),
        ([("mode", "delta"), *[(f"k{number}", "y" * 90) for number in range(2500)]], "sheet control", ""),
    ],
)
def test_what_the_template_does_not_describe_is_a_fault_that_names_sheet_and_row(
    tmp_path: Path, rows: list[tuple[Any, ...]], where: str, rule: str
):
    write(tmp_path, rows)
    control = read_control(tmp_path)
    assert control is not None
    assert set(control) == {"fault"}
    assert control["fault"].startswith("register.xlsx, sheet control")
    assert where in control["fault"]
    assert rule in control["fault"]
    assert "send the delivery again" in control["fault"]


def test_other_heads_are_a_fault(tmp_path: Path):
    write(tmp_path, rows_of(), head=("name", "value"))
    assert "row 1: the heads are key and value" in (read_control(tmp_path) or {})["fault"]


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        ({}, True),
        ({"taken_at": "2026-07-10T18:05:00+01:00"}, True),
        ({"scope_to": None}, True),
        ({"pupils": 411}, False),
        ({"mode": "delta"}, False),
        ({"taken_at": "2026-07-10T18:05:00+00:00"}, False),
    ],
)
def test_file_and_sheet_must_agree(tmp_path: Path, change: dict[str, Any], agrees: bool):
    write(tmp_path, rows_of())
    (tmp_path / "control.json").write_text(json.dumps(AS_JSON | change))
    control = read_control(tmp_path) or {}
    if agrees:
        assert "fault" not in control
        assert control["scope_to"] == "2026-07-10"
    else:
        assert f"disagree on {next(iter(change))}" in control["fault"]


def test_a_workbook_without_the_sheet_or_cut_short_says_nothing(tmp_path: Path):
    write(tmp_path, [], "remarks")
    assert read_control(tmp_path) is None
    path = tmp_path / "register.xlsx"
    path.write_bytes(path.read_bytes()[:500])
    assert read_control(tmp_path) is None
    path.write_bytes(b"PK\x03\x04 no archive")
    (tmp_path / "control.json").write_text(json.dumps(AS_JSON))
    assert read_control(tmp_path) == AS_JSON
