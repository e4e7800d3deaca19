"""Whatever a value looks like, a workbook holds it as text; what is hidden to a reader is not in it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook

from rollcall.report.packs.pack import Column, Coverage, Pack, Sheet, rate
from rollcall.report.packs.workbook import workbook
from rollcall.report.reading import Published

HOSTILE = ("=1+1", "+44 1332", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "https://example.org", "007")


def pack(rows: list[dict[str, object]]) -> Pack:
    columns = (
        Column("person_id", "Child"), Column("word", "Word"), Column("absent", "Absent", "count"),
        rate("rate", "Absence %", "absent", "possible"), Column("day", "Day", "day"),
    )  # fmt: skip
    published = Published(date(2026, 7, 10), datetime(2026, 7, 10, 19, 30, tzinfo=UTC), "1", "2025/26", None)
    sheet = Sheet("list", "List", "A list", "Of what.", columns, rows)
    return Pack("plans", "A pack", "a school", "x", "readers", published, Coverage(1, 1, 9, 10), [sheet])


def row(person: int, word: object, absent: int = 1, possible: int = 3) -> dict[str, object]:
    return {"person_id": person, "word": word, "absent": absent, "possible": possible, "day": date(2026, 2, 28)}


def test_a_value_that_looks_like_a_formula_stays_text_and_is_marked_so():
    book = workbook(pack([row(number, word) for number, word in enumerate(HOSTILE)]), [("For", "=A1")])
    found = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("List").to_python()
    assert [line[1] for line in found[1:]] == list(HOSTILE)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets" in name)
        styles = parts.read("xl/styles.xml").decode()
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets
    assert 'quotePrefix="1"' in styles


def test_control_characters_do_not_spoil_the_file():
    book = workbook(pack([row(1, "a\x00b\x0bc")]), [])
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("List").to_python()[1][1] == "abc"


@pytest.mark.parametrize(("absent", "possible", "shown"), [(1, 3, 33.3), (1, 16, 6.3), (1, 2000, 0.1), (0, 0, "x")])
def test_a_rate_is_rounded_half_up_from_whole_numbers(absent: int, possible: int, shown: object):
    book = workbook(pack([row(1, "w", absent, possible)]), [])
    line = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("List").to_python()[1]
    assert line[2:] == [absent, shown, date(2026, 2, 28)]


def test_names_stand_beside_the_pseudonym_and_a_child_without_one_has_none():
    sheet = pack([row(1, "w"), row(2, "w")]).sheets[0].named({1: {"surname": "S", "forename": "F", "upn": "U"}})
    assert [column.name for column in sheet.columns][:5] == ["person_id", "surname", "forename", "upn", "word"]
    assert [(line["surname"], line["upn"]) for line in sheet.rows] == [("S", "U"), (None, None)]
