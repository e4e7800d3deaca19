"""Which night a run is about, and the summary's arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rollcall.city import City, load_city
from rollcall.errors import SettingsError
from rollcall.nightly import choose_night
from rollcall.nightly.asking import is_reconcile_night
from rollcall.report import night_summary
from rollcall.settings import PROJECT_ROOT
from rollcall.warehouse.connect import connect
from tests.registers import OAK, Register, mark, pupil

ROLL = [pupil("p1"), pupil("p2")]


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 7, 8, 17, 30, tzinfo=UTC), date(2026, 7, 8)),
        (datetime(2026, 7, 9, 3, 30, tzinfo=UTC), date(2026, 7, 8)),
        (datetime(2026, 7, 11, 3, 30, tzinfo=UTC), date(2026, 7, 10)),
        (datetime(2026, 7, 12, 18, 0, tzinfo=UTC), date(2026, 7, 10)),
        (datetime(2026, 7, 13, 3, 30, tzinfo=UTC), date(2026, 7, 10)),
        # 23:30 UTC in summer is after midnight in London: still the night of the day before
        (datetime(2026, 7, 8, 23, 30, tzinfo=UTC), date(2026, 7, 8)),
    ],
)
def test_a_run_is_about_the_newest_school_day_whose_registers_are_closed(now: datetime, night: date):
    chosen = choose_night(None, None, now)
    assert (chosen.date, chosen.known_at) == (night, now)


def test_a_replayed_night_keeps_its_date_and_knows_from_now():
    now = datetime(2026, 7, 20, 9, tzinfo=UTC)
    chosen = choose_night("2026-07-08", None, now)
    assert (chosen.date, chosen.known_at) == (date(2026, 7, 8), now)


@pytest.fixture
def city() -> City:
    return load_city(PROJECT_ROOT / "city")


def with_reconcile(city: City, weekday: str) -> City:
    return replace(city, thresholds={**city.thresholds, "reconcile_weekday": {"value": weekday}})


def test_every_school_has_its_own_night_of_the_full_reconcile_and_each_night_about_a_fifth_of_them(city: City):
    week = [date(2026, 7, 6) + timedelta(days=day) for day in range(7)]
    nights = [[urn for urn in city.schools if is_reconcile_night(city, urn, day)] for day in week]
    assert sorted(urn for night in nights for urn in night) == sorted(city.schools)
    assert all(0.1 < len(night) / len(city.schools) < 0.3 for night in nights[:5])
    assert nights[5:] == [[], []]


def test_a_city_may_have_one_night_of_the_full_reconcile_for_all(city: City):
    wednesday = with_reconcile(city, "wednesday")
    assert {is_reconcile_night(wednesday, urn, date(2026, 7, 8)) for urn in city.schools} == {True}
    assert not any(is_reconcile_night(wednesday, urn, date(2026, 7, 10)) for urn in city.schools)


def test_a_night_of_the_full_reconcile_that_is_no_school_day_says_what_to_write(city: City):
    with pytest.raises(SettingsError, match="cannot be 'sunday'") as said:
        is_reconcile_night(with_reconcile(city, "sunday"), 1, date(2026, 7, 8))
    assert "spread" in said.value.next_action


def test_the_rows_of_the_summary_balance_with_a_held_and_an_older_register(register: Register):
    full = [mark(f"p{number}") for number in range(20)]
    roll = [pupil(f"p{number}") for number in range(20)]
    register.load(roll, full)
    register.load(roll, full[:10], day=7, scope_to=date(2026, 7, 6))
    register.load(ROLL, [mark("p1"), mark("p2", "N")], day=7, urn=OAK)
    register.load(ROLL, [mark("p1", "I")], day=6, urn=OAK, night=date(2026, 7, 7))
    with connect(register.settings, "loader") as connection:
        summary = night_summary(connection, register.city, date(2026, 7, 7))
    assert summary.is_balanced
    assert (summary.rows_in, summary.loaded, summary.unchanged, summary.not_used) == (13, 2, 0, 11)
    assert summary.schools["held"] == 1
    assert summary.exceptions[0].school == "Elm Tree School (900001)"
    assert not summary.published
    assert summary.next_action.startswith("rollcall build --date 2026-07-07")
