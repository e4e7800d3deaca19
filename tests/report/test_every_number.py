"""Every number of the page is what the marts give, stands beside its coverage, and gives no hidden one away."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.report.attacker import ranges
from tests.report.expected import Expected
from tests.report.numbers import Rate, text_of
from tests.report.page_reader import PageReader, read_page
from tests.report.whole_page import place_of, sensitive_of, sums_of, truth_of
from tests.story import Story
from tests.tiny_city import TinyCity

WORDS_WITH_DIGITS = {"Why", "Last whole register", "Rules broken", "Code", "Where", "What it means", "Phase"}
SIGNS = {"c", "x", "z"}


@pytest.fixture(scope="module")
def page(tiny_city: TinyCity, story: Story) -> PageReader:
    from rollcall.nightly import write_reports

    assert story.evenings
    write_reports()
    return read_page((tiny_city.settings.published / "city-report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def expected(tiny_city: TinyCity, page: PageReader) -> Expected:
    def query(statement: str) -> list[tuple[Any, ...]]:
        with tiny_city.as_role("bi_reader") as connection:
            return connection.execute(statement).fetchall()

    return Expected(query)


def test_every_number_of_a_table_says_what_it_is(page: PageReader):
    unnamed = [
        (cell.table, cell.column, cell.text)
        for cell in page.cells
        if not cell.is_named and re.search(r"\d", cell.text) and cell.column not in WORDS_WITH_DIGITS
    ]
    assert len(page.cells) > 200
    assert unnamed == []


def test_every_number_is_what_the_marts_give(page: PageReader, expected: Expected):
    wrong = []
    for shown in page.shown:
        if shown.measure.startswith(("positions.", "schools.limits")):
            continue
        number = expected.numbers.get((shown.measure, shown.key))
        if number is None or (shown.text not in SIGNS and shown.text != text_of(number)):
            wrong.append((shown, number))
    assert len(page.shown) > 200
    assert len({shown.measure for shown in page.shown}) > 40
    assert wrong == []


def test_every_table_of_rates_has_its_counts_and_its_coverage(page: PageReader):
    tables: dict[str, set[str]] = {}
    for cell in page.cells:
        tables.setdefault(cell.table, set()).add(cell.measure.rpartition(".")[2])
    # the cards of the headline are tables without a name: their counts and their coverage stand around them
    with_rates = {name for name, found in tables.items() if name and any(item.endswith("_rate") for item in found)}
    assert with_rates >= {"weeks", "wards", "lsoas", "phases", "beside", "others", "groups"}
    assert [name for name in with_rates if "coverage_rate" not in tables[name]] == []
    counts = {"cohort", "enrolments", "sessions_possible", "sessions", "within"}
    assert [name for name in with_rates if not counts & tables[name]] == []


def test_limits_and_places_of_schools_are_those_of_the_funnel(page: PageReader, expected: Expected):
    shown = {(item.measure, item.key): item.text for item in page.shown}
    limits = {key: text for key, text in shown.items() if key[0].startswith("schools.limits_")}
    for (measure, urn), text in limits.items():
        phase, children, rate = expected.school(urn)
        low, high = expected.funnel_limits(phase, children, measure.rpartition("_")[2])
        assert text == f"{100 * low:.1f} to {100 * high:.1f}"
        assert not low <= rate <= high
    kinds = {key for measure, key in shown if measure == "positions.within"}
    names = ("above_99.8", "above_95", "below_95", "below_99.8", "within", "not_shown")
    for kind in kinds:
        places = {name: int(shown[f"positions.{name}", kind]) for name in names}
        assert sum(places.values()) == expected.schools_of(kind)
        named = sum(expected.school(urn)[0] == kind for _, urn in limits)
        assert named == sum(places[name] for name in names[:4])


def test_what_is_not_applicable_or_available_is_so(page: PageReader, expected: Expected):
    for shown in page.shown:
        number = expected.numbers.get((shown.measure, shown.key))
        if shown.text in ("z", "x") and isinstance(number, Rate):
            assert number.whole == 0, shown


def test_what_the_rules_hide_is_hidden_and_what_is_hidden_has_a_reason(page: PageReader, expected: Expected):
    counts = truth_of(expected)
    sensitive = sensitive_of(expected, counts)
    shown = {place: item.text for item in page.shown if (place := place_of(item)) is not None}
    assert [key for key, text in shown.items() if key in sensitive and text != "c"] == []
    families = {key[0]: {name[0] for name in sensitive} for key in shown}
    assert [key for key, text in shown.items() if text == "c" and key[0] not in families[key[0]]] == []


def test_no_hidden_count_of_the_page_can_be_worked_out(page: PageReader, expected: Expected):
    counts = truth_of(expected)
    sensitive = sensitive_of(expected, counts)
    seen: dict[Any, float] = {}
    hidden = set()
    for item in page.shown:
        place = place_of(item)
        if place is None:
            continue
        if item.text == "c":
            hidden.add(place)
        else:
            seen[place] = int(item.text.replace(",", ""))
    assert hidden, "nothing is hidden: the attack would prove nothing"
    assert not hidden & set(seen), "a count is shown in one place and hidden in another"
    small_rows = {key[:2] for key, count in counts.items() if key[2] == "cohort" and count < 23}
    least = {key: 1 if counts[key] and key[:2] not in small_rows else 0 for key in hidden}
    found = ranges(seen, hidden, sums_of(expected, counts), least)
    width = {key: 5 if key in sensitive and counts[key] < 5 else 1 for key in hidden}
    assert {
        key: (*found[key], counts[key]) for key in hidden if found[key][1] - found[key][0] < width[key] - 1e-6
    } == {}
