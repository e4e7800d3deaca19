"""The marts of meetings: their unit tests in a real database, and what the simulator says of the same night."""

from __future__ import annotations

from rollcall.model.dbt import run_dbt
from simulator.oracle import verify
from tests.tiny_city import HISTORY_UNTIL, TinyCity, night_of

MARTS = {"fct_meeting_actions", "fct_support_meetings"}


def test_the_unit_tests_of_the_meetings_marts_pass(tiny_city: TinyCity):
    results = run_dbt(
        tiny_city.settings,
        tiny_city.city,
        night_of(HISTORY_UNTIL),
        ["test", "--select", "fct_meeting_actions,test_type:unit", "fct_support_meetings,test_type:unit"],
    )["results"]
    assert {(result["unique_id"].split(".")[-1], result["status"]) for result in results} == {
        ("fct_meeting_actions__done_and_overdue_at_the_night", "pass"),
        ("fct_support_meetings__the_newest_by_the_night", "pass"),
    }


def test_the_marts_are_what_the_simulator_planted(tiny_city: TinyCity):
    told = verify(
        tiny_city.truth.folder,
        tiny_city.admin_dsn,
        str(HISTORY_UNTIL),
        str(HISTORY_UNTIL),
        [],
        city=tiny_city.settings.city_folder,
    )
    found = {name: part for name, part in told["parts"].items() if name in MARTS}
    assert set(found) == MARTS
    assert {mart: part.first for mart, part in found.items() if part.mismatches} == {}
    assert all(part.rows > 10 for part in found.values())
