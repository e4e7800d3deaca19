"""Packs of the tiny city: what they hold, who may have them, what they give away, and how they open."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook

from rollcall.city import load_city
from rollcall.errors import ExportRefused
from rollcall.report.packs import Request, export, write_pack
from rollcall.report.packs.lists import Scope
from rollcall.report.reading import Reader
from tests.browser.conftest import AXE_RULES
from tests.packs.attack import narrow_counts
from tests.tiny_city import SECONDARY, TinyCity

READER = "A Jones, link officer"
KINDS = {
    "plans": Request("plans", audience=READER),
    "plans of a school": Request("plans", Scope(SECONDARY), READER),
    "statutory": Request("statutory", audience=READER),
    "virtual-school": Request("virtual-school", audience=READER),
    "tsm": Request("tsm", Scope(SECONDARY), READER, term="summer"),
    "board": Request("board", Scope(SECONDARY), READER),
}
WITH_NAMES = Request("plans", audience=READER, with_names=True, why="review meetings of July")


@pytest.fixture(scope="module")
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
        if name == "board":
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


def names_of(tiny_city: TinyCity) -> list[str]:
    rows = tiny_city.rows("select upn from identity.pupil where is_current and upn is not null")
    assert len(rows) > 500
    return [row[0] for row in rows]


def test_no_name_and_no_upn_stands_in_a_pack_without_names(tiny_city: TinyCity, written: dict[str, list[Path]]):
    upns = names_of(tiny_city)
    surnames = {
        row[0] for row in tiny_city.rows("select distinct surname from identity.pupil where length(surname) > 5")
    }
    for name, paths in written.items():
        if name == "names":
            continue
        text = page_of(paths).read_text(encoding="utf-8")
        for path in paths:
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    text += book.read("xl/sharedStrings.xml").decode()
        assert not [upn for upn in upns if upn in text], name
        cells = set(re.findall(r"(?:>)([^<>]+)(?:<)", text))
        assert not cells & surnames, name


def test_names_are_those_of_the_child_and_only_with_names(tiny_city: TinyCity, written: dict[str, list[Path]]):
    rows = [row for title in ("Looked after", "In need") for row in sheet(written["names"], title)]
    assert rows
    known: dict[int, set[tuple[str, str]]] = {}
    for person, surname, forename in tiny_city.rows(
        "select links.person_id, pupils.surname, pupils.forename from register.person_link as links"
        " inner join identity.pupil as pupils on links.pupil_id = pupils.pupil_id and pupils.is_current"
        " where links.is_current union select links.person_id, named.surname, named.forename from city.child_link as links"
        " inner join identity.council_child as named on links.council_child_id = named.council_child_id"
        " where links.is_current"
    ):
        known.setdefault(person, set()).add((surname, forename))
    assert all((row["Surname"], row["Forename"]) in known[int(row["Child"])] for row in rows)
    assert all(row["Surname"] for row in rows)


def test_names_need_a_reason_and_a_reader(tiny_city: TinyCity):
    before = tiny_city.value("select count(*) from ops.export_log")
    for request in (
        Request("plans", audience=READER, with_names=True),
        Request("plans", audience=READER, with_names=True, why="  "),
        Request("plans", audience=" "),
        Request("plans", Scope(123456), READER),
        Request("tsm", Scope(SECONDARY), READER, term="summer", year="2019/20"),
        Request("board", audience=READER, trust="No Such Trust"),
    ):
        with pytest.raises(ExportRefused):
            write_pack(tiny_city.settings, tiny_city.city, request)
    assert tiny_city.value("select count(*) from ops.export_log") == before


def test_without_names_the_pack_reads_as_bi_reader_who_cannot_join_them(tiny_city: TinyCity):
    with tiny_city.as_role("bi_reader") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        Reader(connection).rows("select * from identity.child")


def test_a_list_that_is_too_long_is_refused(tiny_city: TinyCity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "MAX_ROWS", 3)
    with pytest.raises(ExportRefused, match="one may hold 3"):
        write_pack(tiny_city.settings, tiny_city.city, KINDS["plans"])


def test_packs_never_lie_in_the_published_folder(tiny_city: TinyCity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROLLCALL_PACKS", str(tiny_city.settings.published / "packs"))
    with pytest.raises(ExportRefused):
        write_pack(tiny_city.settings, tiny_city.city, KINDS["plans"])


def test_only_the_owner_can_open_what_is_written(tiny_city: TinyCity, written: dict[str, list[Path]]):
    root = tiny_city.settings.packs
    for paths in written.values():
        for path in paths:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            folders = [folder for folder in path.parents if folder == root or root in folder.parents]
            assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700, 0o700]
    assert not list(tiny_city.settings.published.rglob("*.xlsx"))


def test_every_pack_is_logged_and_nobody_changes_the_log(tiny_city: TinyCity, written: dict[str, list[Path]]):
    rows = tiny_city.rows("select pack, audience, why, rows, has_names, exported_by, files from ops.export_log")
    logged = {row[6] for row in rows}
    for name, paths in written.items():
        files = [path.name for path in paths if path.suffix != ".pdf"]
        assert ", ".join(files) in logged, name
    assert [(row[1], row[2]) for row in rows if row[4]] == [(READER, WITH_NAMES.why)]
    assert all(row[5] for row in rows)
    children = {row[0]: row[3] for row in rows if row[0] == "board"}
    assert children == {"board": 0}
    for role in ("loader", "publisher"):
        for statement in (
            "update ops.export_log set audience = 'x'", "delete from ops.export_log", "truncate ops.export_log",
        ):  # fmt: skip
            with tiny_city.as_role(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with psycopg.connect(tiny_city.admin_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from ops.export_log")
    with psycopg.connect(tiny_city.admin_dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into ops.export_log (exported_by, audience, pack, scope, night, known_at, rows, has_names, files)"
            " values ('x', 'x', 'plans', 'x', now(), now(), 1, true, 'x')"
        )


def test_the_same_pack_has_the_same_bytes(tiny_city: TinyCity, written: dict[str, list[Path]]):
    before = [path.read_bytes() for path in written["tsm"]]
    again = write_pack(tiny_city.settings, tiny_city.city, KINDS["tsm"])
    assert [path.read_bytes() for path in again] == before


def test_no_hidden_count_of_a_board_pack_can_be_worked_out(tiny_city: TinyCity, written: dict[str, list[Path]]):
    city = load_city(tiny_city.settings.city_folder)
    pages = [
        (("school", str(urn)), page_of(write_pack(tiny_city.settings, city, Request("board", Scope(urn), READER))))
        for urn in sorted(city.schools)
        if tiny_city.value(
            "select coalesce(sum(sessions_known), 0) from serve.agg_school_absence where urn = %s", [urn]
        )
    ]
    trusts = sorted({school.trust for school in city.schools.values() if school.trust})
    for trust in trusts:
        request = Request("board", audience=READER, trust=trust)
        pages.append((("trust", trust), page_of(write_pack(tiny_city.settings, city, request))))
    hidden = 0
    for (kind, area), path in pages:
        tried, narrow = narrow_counts(tiny_city, kind, area, path.read_text(encoding="utf-8"))
        assert narrow == {}, f"{kind} {area}"
        hidden += tried
    assert hidden > 20


@pytest.mark.parametrize("name", [*KINDS, "names"])
def test_a_page_opens_alone_and_accessible(written: dict[str, list[Path]], browser: Browser, axe: str, name: str):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_of(written[name]).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
