"""What changed, for whom, how sure: said only where it is beyond noise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rollcall.report.disclosure import ALL, CountTable, protect
from rollcall.report.figures import PUBLISHED, Absence, CityFigures
from rollcall.report.parts.movement import movement, week_movement
from rollcall.report.parts.movers import COLUMNS, Movers
from rollcall.report.parts.quality import settlement_sentence
from rollcall.report.parts.trend import same_weeks, settled_week, trend_part
from rollcall.report.reading import Published
from tests.registers import Register

FIRST = date(2025, 9, 8)


def week(number: int, absent: int, *, settled: int = 10, year: int = 0) -> Absence:
    counts = dict.fromkeys((name for name in Absence.__dataclass_fields__ if name not in ("name", "first_week")), 1000)
    counts |= {"sessions_possible": 10_000, "sessions_absent": absent, "sessions_authorised": absent - 200}
    counts |= {"sessions_unauthorised": 200, "sessions_known": 9_999, "sessions_expected": 10_000}
    counts |= {"schools_in": 10, "schools_expected": 10, "schools_settled": settled}
    monday = FIRST + timedelta(weeks=number) - timedelta(days=364 * year)
    return Absence(name=str(monday), first_week=monday, **counts)


def figures(absent: list[int], last_year: list[int] | None = None) -> CityFigures:
    weeks = tuple(week(number, count) for number, count in enumerate(absent))
    before = tuple(week(number, count, year=1) for number, count in enumerate(last_year or []))
    published = Published(date(2026, 1, 9), datetime(2026, 1, 9, 19, tzinfo=UTC), "1", "2025/26", date(2026, 1, 8))
    phases = {"Primary": weeks, "Secondary": tuple(week(number, 700) for number in range(len(absent)))}
    return CityFigures(published, weeks[-1], weeks[-1], {}, weeks, phases, before, {}, {})


def movers(into: int, out: int) -> Movers:
    table = CountTable()
    for column, count in zip(COLUMNS, (into, out, 0, 0), strict=True):
        table.add((ALL, column), count)
    return Movers(protect(table), (), into, out)


STEADY = [700, 710, 700, 710, 700, 710, 700, 710]


def text(blocks: list[object]) -> str:
    return " ".join(str(block.html) for block in blocks)  # type: ignore[attr-defined]


def test_nothing_is_said_where_nothing_moved_beyond_noise():
    said = movement(figures(STEADY), movers(30, 25), 0)
    assert len(said) == 1
    assert "Nothing moved" in text(said)


@pytest.mark.parametrize(("newest", "is_said"), [(739, False), (740, True), (681, False), (680, True)])
def test_a_week_is_said_to_move_beyond_twice_the_usual_step(newest: int, is_said: bool):
    # steps of 0.1 points are usual; twice that, scaled, is 0.297 points from 7.1 %
    found = week_movement("City", figures([*STEADY, newest]).weeks)
    assert found is not None
    assert found.is_beyond_noise is is_said


def test_the_sentence_says_how_much_of_what_kind_and_where():
    said = text(movement(figures([*STEADY, 800]), movers(0, 0), 12))
    assert ">8.0</span> %" in said
    assert ">0.9</span> points higher" in said
    assert "authorised absence, above all in primary schools (+0.9 points)" in said
    assert ">10</span> absent sessions of the year were corrected" in said


@pytest.mark.parametrize(("into", "out", "is_said"), [(60, 30, True), (45, 30, False), (9, 0, True), (4, 0, False)])
def test_movers_are_said_only_beyond_chance_and_only_if_they_may_be_shown(into: int, out: int, is_said: bool):
    said = text(movement(figures(STEADY), movers(into, out), 0))
    assert ("For whom" in said) is is_said


def test_too_few_weeks_say_nothing_of_what_is_usual():
    assert week_movement("City", figures([700, 900, 700, 900]).weeks) is None


def test_weeks_are_compared_by_their_place_in_the_school_year():
    found = figures([700, 700, 700], [600, 610])
    assert [week and week.sessions_absent for week in same_weeks(found.weeks, found.weeks_last_year)] == [
        600,
        610,
        None,
    ]
    table = next(block for block in trend_part(found).blocks if block.kind == "table")
    assert table.columns[-1] == "Same week last year %"
    assert [line.cells[-1].text for line in table.lines] == ["6.0", "6.1", "x"]


def test_without_an_earlier_year_the_page_says_so():
    notes = [block for block in trend_part(figures(STEADY)).blocks if block.kind == "prose"]
    assert "holds no earlier year" in text(notes)
    assert "published" not in text(notes)


def test_without_an_earlier_year_the_page_names_what_stands_beside_the_headline():
    sources = {
        "overall": "DfE: year to 4 June 2027",
        "persistent": "DfE: year to 4 June 2027",
        "severe": "DfE: 2025/26",
    }
    found = replace(figures(STEADY), benchmark_sources={**sources, "authorised": "another"})
    said = text([block for block in trend_part(found).blocks if block.kind == "prose"])
    assert "stand beside what was published: DfE: year to 4 June 2027; DfE: 2025/26." in said


def test_the_newest_published_year_stands_beside_the_figures_and_never_a_later_one(register: Register):
    rows = "('2024/25', 1.0, 'a'), ('2025/26', 2.0, 'b'), ('2026/27', 3.0, 'c')"
    every = f"(select 'Derby' as area, 'Total' as dfe_phase, 'overall' as measure, years.* from (values {rows})"
    every += " as years (academic_year, value_pct, source)) as published"
    query = PUBLISHED.replace("serve.dim_dfe_benchmarks", every)
    for year, source in (("2025/26", "b"), ("2026/27", "c"), ("2027/28", "c")):
        assert [row[-1] for row in register.rows(query, {"year": year})] == [source]


def test_how_far_figures_still_move_is_said_by_schools_own_record_or_not_at_all():
    assert "No school has been watched" in text([settlement_sentence({"schools": 0, "changes": None})])
    said = text([settlement_sentence({"schools": 12, "changes": 1280})])
    assert ">12</span> schools" in said
    assert ">1,280</span> of every 100,000 marks" in said


def test_settled_reaches_to_the_first_week_that_is_not():
    weeks = (week(0, 700), week(1, 700), week(2, 700, settled=9), week(3, 700))
    assert settled_week(weeks) == FIRST + timedelta(weeks=1)
    assert settled_week(weeks[2:]) is None
