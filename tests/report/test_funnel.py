"""Funnel plots: limits, their widening, and that only what lies outside them is named."""

from __future__ import annotations

import random

import pytest

from rollcall.report.funnel import fit_funnel
from rollcall.report.parts.schools import read_kind
from tests.report.attacker import ranges


def test_without_spread_beyond_chance_the_limits_are_those_of_a_proportion():
    funnel = fit_funnel([(20, 100)] * 12)
    assert (funnel.target, funnel.between) == (0.2, 0.0)
    low, high = funnel.limits(100, "95")
    # 1.96 standard deviations of sqrt(0.2 * 0.8 / 100) = 0.04
    assert (low, high) == (pytest.approx(0.1216, abs=1e-4), pytest.approx(0.2784, abs=1e-4))
    assert funnel.limits(100, "99.8")[1] == pytest.approx(0.3236, abs=1e-4)


def test_places_are_told_apart_at_the_limits():
    funnel = fit_funnel([(20, 100)] * 12)
    assert [funnel.place(part, 100) for part in (27, 28, 32, 33)] == ["within", "above 95", "above 95", "above 99.8"]
    assert [funnel.place(part, 100) for part in (13, 12, 8, 7)] == ["within", "below 95", "below 95", "below 99.8"]


def test_usual_spread_between_schools_widens_the_limits_by_about_its_own_size():
    draw = random.Random(7)
    schools = []
    for _ in range(400):
        rate = min(max(draw.gauss(0.2, 0.05), 0.01), 0.9)
        children = draw.randint(150, 900)
        schools.append((sum(draw.random() < rate for _ in range(children)), children))
    funnel = fit_funnel(schools)
    # drawing in the outer tenths makes the estimate a little low
    assert 0.035 < funnel.between**0.5 < 0.055
    outside = sum(funnel.place(*school) != "within" for school in schools)
    assert 0.02 * len(schools) < outside < 0.12 * len(schools)


def test_a_few_schools_far_out_do_not_hide_themselves():
    plain = [(20 + step % 5, 100) for step in range(40)]
    funnel = fit_funnel([*plain, (70, 100), (72, 100)])
    assert [funnel.place(part, 100) for part in (70, 72)] == ["above 99.8"] * 2


def test_nobody_and_everybody_make_a_funnel_without_width():
    assert fit_funnel([(0, 50), (0, 60)]).limits(50, "95") == (0.0, 0.0)
    assert fit_funnel([(0, 50), (0, 60)]).place(0, 50) == "within"
    with pytest.raises(ValueError, match="needs a child"):
        fit_funnel([])


def school(urn: int, cohort: int, persistent: int) -> dict[str, object]:
    return {"urn": urn, "school_name": f"School {urn}", "cohort": cohort, "persistent": persistent}


def test_a_school_that_the_chart_leaves_out_is_not_the_rest_of_its_kind():
    rows = [school(number, 200, 30 + number) for number in range(1, 9)] + [school(9, 200, 2)]
    kind = read_kind("Primary", rows)
    left_out = {row["urn"] for row in rows} - {row["urn"] for row in kind.visible}
    assert 9 in left_out
    assert len(left_out) >= 2
    seen = {("all", name): float(sum(row[name] for row in rows)) for name in ("cohort", "persistent")}
    seen |= {(row["urn"], name): row[name] for row in kind.visible for name in ("cohort", "persistent")}
    sums = [(("all", name), [(row["urn"], name) for row in rows]) for name in ("cohort", "persistent")]
    low, high = ranges(seen, [(9, "persistent")], sums)[9, "persistent"]
    assert high - low >= 5
