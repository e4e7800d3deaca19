"""What leaves for leaders: small counts, rates over few children, and groups of a single school are hidden."""

from __future__ import annotations

from dataclasses import fields

import pytest

from rollcall.report.city import _phase
from rollcall.report.disclosure import count_text, percent_text
from rollcall.report.figures import Absence


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "c"), (4, "c"), (5, "5"), (1234, "1,234")])
def test_a_count_of_one_to_four_is_hidden(count: int, shown: str):
    assert count_text(count) == shown


@pytest.mark.parametrize(
    ("children", "schools", "shown"), [(23, 2, "10.0"), (23, None, "10.0"), (22, 2, "c"), (23, 1, "c"), (5000, 1, "c")]
)
def test_a_rate_is_hidden_over_few_children_and_for_a_single_school(children: int, schools: int | None, shown: str):
    assert percent_text(38, 380, children=children, schools=schools) == shown


def test_nothing_possible_is_not_available():
    assert percent_text(0, 0, children=100) == "x"


def phase_of(schools: int) -> Absence:
    """A phase of so many schools with a thousand children."""
    counts = dict.fromkeys((field.name for field in fields(Absence)), 1000)
    named = {"name": "Special", "first_week": None, "schools_in": schools, "schools_expected": schools}
    return Absence(**{**counts, **named})


def test_a_phase_with_one_school_shows_nothing_of_that_school():
    single, several = _phase(phase_of(1)), _phase(phase_of(2))
    assert {single[name] for name in ("enrolments", "absence", "persistent", "severe")} == {"c"}
    assert "c" not in several.values()
