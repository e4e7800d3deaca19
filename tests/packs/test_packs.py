"""What the packs of the tiny city hold: the marts' children and figures, and nothing hidden in a workbook."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.packs.kinds import READER, book_of, page_of, sheet
from tests.tiny_city import SECONDARY, TinyCity


def test_a_plan_sheet_holds_the_marts_children_and_figures(tiny_city: TinyCity, written: dict[str, list[Path]]):
    titles = {"lac": "Looked after", "cp": "Protection plan", "cin": "In need", "taf": "Team around family"}
    seen = {
        (status, int(row["Child"])): (
            row["Absent sessions, year"],
            row["Possible sessions, year"],
            row["Absence %, year"],
        )
        for status, title in titles.items()
        for row in sheet(written["plans"], title)
    }
    rows = tiny_city.rows(
        "select sheet.plan_status, sheet.person_id, coalesce(year.sessions_absent, 0), coalesce(year.sessions_possible, 0)"
        " from serve.fct_plan_sheet as sheet left join serve.fct_child_absence as year"
        " on sheet.person_id = year.person_id and year.period_type = 'year'"
    )
    assert len(rows) > 20
    assert set(seen) == {(status, person) for status, person, *_ in rows}
    for status, person, absent, possible in rows:
        tenths = (2000 * absent + possible) // (2 * possible) if possible else None
        assert seen[status, person] == (absent, possible, "x" if tenths is None else tenths / 10)


def test_the_statutory_lists_are_those_of_the_marts(tiny_city: TinyCity, written: dict[str, list[Path]]):
    expected = {
        "Penalty threshold": "select person_id from serve.fct_penalty_threshold where is_open",
        "Ground (i) may be met": "select person_id from serve.fct_continuous_absence"
        " where kind = 'deletion_ground' and is_open",
        "Returns not made": "select person_id from serve.fct_return_timeliness where timeliness = 'missing'",
        "Part-time timetables": "select person_id from serve.fct_part_time"
        " where has_open_plan or sessions_without_plan > 0 or sessions_past_end > 0",
        "Sickness, 15 days expected": "select person_id from serve.fct_sickness_returns where grounds = 'expected'",
    }
    for title, query in expected.items():
        found = Counter(int(row["Child"]) for row in sheet(written["statutory"], title))
        assert found == Counter(row[0] for row in tiny_city.rows(query)), title
    assert sheet(written["statutory"], "Penalty threshold")
    assert sheet(written["statutory"], "Part-time timetables")


def test_the_virtual_school_sees_every_child_looked_after_or_with_a_social_worker(
    tiny_city: TinyCity, written: dict[str, list[Path]]
):
    found = [row["Child"] for title in ("Looked after", "With a social worker")
             for row in sheet(written["virtual-school"], title)]  # fmt: skip
    rows = tiny_city.rows("select person_id from serve.fct_plan_sheet where plan_status in ('lac', 'cp', 'cin')")
    assert sorted(found) == sorted(row[0] for row in rows)
    assert found


def test_the_meetings_pack_has_last_times_actions_as_the_council_told_them(
    tiny_city: TinyCity, written: dict[str, list[Path]]
):
    """Counted from the feed's own rows, not from the mart."""
    night = tiny_city.value("select night from serve.publication")
    rows = tiny_city.rows(
        "select reference, done_date, due_date from city.meeting_action where is_current and urn = %s"
        " and meeting_date = (select max(meeting_date) from city.meeting"
        "   where is_current and urn = %s and meeting_date <= %s)",
        [SECONDARY, SECONDARY, night],
    )
    expected = {
        reference: "done" if done and done <= night else "overdue" if due and due < night else "open"
        for reference, done, due in rows
    }
    assert {row["Action"]: row["Now"] for row in sheet(written["tsm"], "Actions of last time")} == expected
    assert expected


def test_the_meetings_pack_lists_the_schools_absentees_and_its_weeks(
    tiny_city: TinyCity, written: dict[str, list[Path]]
):
    for title, condition in (
        ("Severe absence", "is_severely_absent"),
        ("Persistent absence", "not is_severely_absent"),
    ):
        rows = tiny_city.rows(
            f"select person_id from serve.rpt_persistent_absentees where urn = %s and {condition}", [SECONDARY]
        )
        assert sorted(row["Child"] for row in sheet(written["tsm"], title)) == sorted(row[0] for row in rows), title
    weeks = sheet(written["tsm"], "Weeks")
    total = tiny_city.rows(
        "select sessions_absent, sessions_possible from serve.agg_school_absence where urn = %s and period_type = 'year'",
        [SECONDARY],
    )[0]
    assert (sum(row["Absent sessions"] for row in weeks), sum(row["Possible sessions"] for row in weeks)) == total


def test_a_workbook_hides_nothing_and_holds_no_formula_link_or_person(written: dict[str, list[Path]]):
    for name, paths in written.items():
        if name.startswith("board"):
            continue
        with zipfile.ZipFile(io.BytesIO(book_of(paths))) as book:
            names = book.namelist()
            texts = {part: book.read(part).decode() for part in names if part.endswith((".xml", ".rels"))}
        assert not [part for part in names if re.search("comment|external|pivot|drawing|vba|connections", part)]
        sheets = [text for part, text in texts.items() if part.startswith("xl/worksheets/sheet")]
        assert not re.search(r'state="(veryH|h)idden"', texts["xl/workbook.xml"])
        assert 'hidden="1"' not in "".join([*sheets, texts["xl/workbook.xml"]])
        assert "<f>" not in "".join(sheets)
        assert "<hyperlink" not in "".join(sheets)
        assert all(
            "<pane " in text for part, text in texts.items() if re.match(r"xl/worksheets/sheet([2-9]|1\d)", part)
        )
        assert re.search("<dc:creator></dc:creator>|<dc:creator/>", texts["docProps/core.xml"])
        assert "<cp:lastModifiedBy></cp:lastModifiedBy>" in texts["docProps/core.xml"]


def test_the_first_sheet_says_for_whom_when_and_how_much(written: dict[str, list[Path]]):
    book = CalamineWorkbook.from_filelike(io.BytesIO(book_of(written["plans"])))
    assert book.sheet_names[0] == "About"
    about = {row[0]: row[1] for row in book.get_sheet_by_index(0).to_python() if len(row) > 1}
    assert about["For"] == READER
    assert "7 July 2026" in str(about["Night"])
    assert "UTC" in str(about["As known"])
    assert re.search(r"\d+ of \d+ schools in", str(about["Coverage"]))
    assert "pseudonyms, no name" in str(about["Children"])


def test_a_workbook_prints_across_as_wide_as_the_paper_with_its_heads_on_every_page(written: dict[str, list[Path]]):
    for name, paths in written.items():
        if name.startswith("board"):
            continue
        with zipfile.ZipFile(io.BytesIO(book_of(paths))) as book:
            parts = {part: book.read(part).decode() for part in book.namelist() if part.endswith(".xml")}
        sheets = {part: text for part, text in parts.items() if part.startswith("xl/worksheets/sheet")}
        for part, text in sheets.items():
            assert 'orientation="landscape"' in text
            assert 'fitToHeight="0"' in text
            assert 'fitToPage="1"' in text
            widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', text)]
            assert widths, part
            assert all(9 <= width <= 92 for width in widths), (name, part)
            if not part.endswith("sheet1.xml"):
                assert 'state="frozen"' in text
        # every list repeats its first row
        titles = re.findall(r'name="_xlnm.Print_Titles"[^>]*>[^<]*!\$1:\$1<', parts["xl/workbook.xml"])
        assert len(titles) == len(sheets) - 1 > 1


def test_the_page_says_first_what_is_in_it_and_explains_its_words(written: dict[str, list[Path]]):
    for name, paths in written.items():
        text = page_of(paths).read_text(encoding="utf-8")
        assert text.index("In short") < text.index("About this pack") < text.index("<section"), name
        words = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", text[text.index('id="symbols"') :]))
        assert ("c" in words) == name.startswith("board")
        assert ("C2" in words) == (not name.startswith("board"))
