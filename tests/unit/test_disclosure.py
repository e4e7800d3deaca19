"""What leaves for leaders: small counts are hidden, and so is everything from which one could be worked out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollcall.report.disclosure import (
    ALL,
    SMALLEST_WIDTH,
    CountTable,
    count_text,
    grid_table,
    nested_table,
    percent_text,
    protect,
    rounded_text,
)
from tests.report.attacker import possible_tables, ranges

COLUMNS = ("enrolments", "persistent", "severe")


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "c"), (4, "c"), (5, "5"), (1234, "1,234")])
def test_a_count_of_one_to_four_is_hidden(count: int, shown: str):
    assert count_text(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (2, "low"), (-2, "low"), (3, "5"), (7, "5"), (8, "10"), (-8, "−10"), (1232, "1,230"), (1233, "1,235")],
)
def test_a_rounded_count_says_low_where_only_nought_is_left(count: int, shown: str):
    assert rounded_text(count) == shown
    assert rounded_text(5, base=10) == "10"


@pytest.mark.parametrize(
    ("children", "schools", "shown"), [(23, 2, "10.0"), (23, None, "10.0"), (22, 2, "c"), (23, 1, "c"), (5000, 1, "c")]
)
def test_a_rate_is_hidden_over_few_children_and_for_a_single_school(children: int, schools: int | None, shown: str):
    assert percent_text(38, 380, children=children, schools=schools) == shown


def test_nothing_possible_is_not_available():
    assert percent_text(0, 0, children=100) == "x"


def test_a_hidden_count_takes_another_with_it_where_the_total_is_shown():
    shown = protect(nested_table({"A": (210, 31, 5), "B": (198, 28, 2)}, COLUMNS, total=(408, 59, 7)))
    assert shown.hidden == {("A", "severe"), ("B", "severe")}
    assert (shown.count("B", "severe"), shown.count("A", "persistent")) == ("c", "31")
    assert (shown.percent("A", "severe", "enrolments"), shown.percent("A", "persistent", "enrolments")) == ("c", "14.8")
    assert shown.count(ALL, "severe") == "7"


def test_a_second_hidden_count_that_leaves_too_narrow_a_range_is_not_enough():
    shown = protect(nested_table({"A": (90, 20, 9), "B": (90, 20, 1), "C": (90, 20, 1)}, COLUMNS, total=(270, 60, 11)))
    # with A shown the two ones would be known, and so would they be with any single further count left open
    assert shown.hidden == {("A", "severe"), ("B", "severe"), ("C", "severe")}


@pytest.mark.parametrize("enrolments", [22, 23])
def test_counts_out_of_too_few_children_are_hidden_as_the_rate_is(enrolments: int):
    shown = protect(nested_table({"A": (enrolments, 10, 5), "B": (400, 90, 20)}, COLUMNS))
    assert shown.count("A", "enrolments") == str(enrolments)
    assert [shown.is_hidden("A", name) for name in COLUMNS[1:]] == [enrolments == 22] * 2


def test_all_of_them_and_all_but_a_few_of_them_are_hidden():
    everyone = protect(nested_table({"A": (30, 30, 8), "B": (400, 90, 20)}, COLUMNS))
    assert everyone.percent("A", "persistent", "enrolments") == "c"
    but_two = protect(nested_table({"A": (32, 30, 8), "B": (400, 90, 20)}, COLUMNS))
    assert but_two.is_hidden("A", "persistent") or but_two.is_hidden("A", "enrolments")


def test_nobody_in_the_cohort_is_not_applicable_and_noughts_are_shown():
    shown = protect(nested_table({"A": (0, 0, 0), "B": (400, 90, 0)}, COLUMNS, total=(400, 90, 0)))
    assert shown.percent("A", "persistent", "enrolments") == "z"
    assert (shown.count("B", "severe"), shown.percent("B", "severe", "enrolments")) == ("0", "0.0")


def test_a_phase_with_one_school_shows_nothing_of_that_school():
    rows = {"Primary": (3000, 400, 40), "Secondary": (2500, 600, 90), "Special": (120, 60, 12)}
    total = tuple(sum(column) for column in zip(*rows.values(), strict=True))
    shown = protect(nested_table(rows, COLUMNS, total=total, schools={"Primary": 12, "Secondary": 3, "Special": 1}))
    for name in COLUMNS:
        assert shown.count("Special", name) == "c"
        assert shown.is_hidden("Primary", name) or shown.is_hidden("Secondary", name)


def test_parts_of_parts_give_nothing_away():
    rows = {"North": (160, 24), "South": (150, 20), "N1": (100, 21), "N2": (60, 3), "S1": (90, 11), "S2": (60, 9)}
    parents = {"N1": "North", "N2": "North", "S1": "South", "S2": "South"}
    shown = protect(nested_table(rows, COLUMNS[:2], total=(310, 44), parents=parents))
    assert shown.is_hidden("N2", "persistent")
    assert weak(shown.table, shown.hidden) == {}


def test_where_no_width_can_be_reached_nothing_but_the_fixed_total_is_shown():
    # two threes of six: each is one to five, whatever else is hidden
    shown = protect(nested_table({"A": (40, 3), "B": (40, 3)}, COLUMNS[:2], total=(80, 6)))
    assert {("A", "persistent"), ("A", "enrolments"), ("B", "persistent"), ("B", "enrolments")} == shown.hidden


def test_a_total_that_is_itself_too_small_is_hidden():
    shown = protect(nested_table({"A": (400, 30, 2), "B": (400, 30, 1)}, COLUMNS, total=(800, 60, 3)))
    assert shown.count(ALL, "severe") == "c"
    assert weak(shown.table, shown.hidden) == {}


def test_a_table_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="do not add up"):
        nested_table({"A": (40, 3), "B": (40, 9)}, COLUMNS[:2], total=(80, 13))


def weak(table: CountTable, hidden: frozenset[Any]) -> dict[Any, tuple[float, float]]:
    """Hidden counts whose range is too narrow: the small ones below five, all others if they are known exactly."""
    unknown = hidden | table.unseen
    seen = {key: count for key, count in table.counts.items() if key not in unknown}
    least = {key: 0 if key in table.unseen | table.maybe_nought else 1 for key in unknown}
    primary = table.primary() - table.fixed
    found = ranges(seen, hidden | (primary & unknown), table.sums, least)
    needed = {key: SMALLEST_WIDTH if key in primary else 1 for key in found}
    return {key: (low, high) for key, (low, high) in found.items() if high - low < needed[key] - 1e-6}


small_and_large = st.one_of(st.integers(0, 6), st.integers(0, 60), st.integers(0, 2000))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(small_and_large, min_size=width, max_size=width), min_size=2, max_size=6)
    )
)
def test_no_hidden_count_of_a_grid_with_totals_can_be_worked_out(cells: list[list[int]]):
    rows = {f"r{i}": {f"c{j}": count for j, count in enumerate(row)} for i, row in enumerate(cells)}
    table = grid_table(rows)
    shown = protect(table)
    assert table.primary() <= shown.hidden
    assert weak(table, shown.hidden) == {}


@st.composite
def nested_rows(draw: st.DrawFn) -> dict[str, tuple[int, int, int]]:
    rows = {}
    for number in range(draw(st.integers(2, 8))):
        enrolments = draw(st.one_of(st.integers(0, 40), st.integers(0, 900)))
        persistent = draw(st.one_of(st.integers(0, min(6, enrolments)), st.integers(0, enrolments)))
        rows[f"r{number}"] = (enrolments, persistent, draw(st.integers(0, persistent)))
    return rows


@settings(max_examples=80, deadline=None)
@given(nested_rows(), st.booleans())
def test_no_hidden_count_beside_a_published_total_can_be_worked_out(rows: dict[str, tuple[int, int, int]], fixed: bool):
    total = tuple(sum(column) for column in zip(*rows.values(), strict=True))
    table = nested_table(rows, COLUMNS, total=total, fixed=fixed)
    shown = protect(table)
    assert table.primary() - table.fixed <= shown.hidden | table.unseen
    everything = set(table.counts) - table.fixed - table.unseen
    # where the published total itself leaves no room, all else is hidden
    if shown.hidden != everything:
        assert weak(table, shown.hidden) == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=2, max_size=2))
def test_counting_every_table_that_fits_finds_no_hidden_count(cells: list[list[int]]):
    rows = {str(i): {str(j): count for j, count in enumerate(row)} for i, row in enumerate(cells)}
    shown = protect(grid_table(rows))
    name = {0: "0", 1: "1", 2: ALL}
    seen = {
        (i, j): shown.table.counts[name[i], name[j]]
        for i in range(3)
        for j in range(3)
        if not shown.is_hidden(name[i], name[j])
    }
    tables = possible_tables(2, 2, seen, most=9)
    for i in range(3):
        for j in range(3):
            if (i, j) not in seen:
                assert len({int(table[i, j]) for table in tables}) > 1
