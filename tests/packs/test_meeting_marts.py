"""The marts of meetings: their unit tests in a real database, and what the simulator says of the same night."""

from __future__ import annotations

from rollcall.model.dbt import run_dbt
from simulator.oracle import verify
from tests.tiny_city import HISTORY_UNTIL, TinyCity, night_of

MARTS = {"fct_meeting_actions", "fct_support_meetings"}


def test_the_unit_tests_of_the_meetings_marts_pass(tiny_city: TinyCity):
    """One of them needs the other's table: both are built aside and taken away again."""
    command = ["build", "--select", *sorted(MARTS)]
    results = run_dbt(tiny_city.settings, tiny_city.city, night_of(HISTORY_UNTIL), command)["results"]
    tiny_city.change("drop table marts_build.fct_meeting_actions, marts_build.fct_support_meetings")
    assert {
        result["unique_id"].split(".")[-1] for result in results if result["unique_id"].startswith("unit_test")
    } == {
        "fct_meeting_actions__done_and_overdue_at_the_night",
        "fct_support_meetings__the_newest_by_the_night",
    }
    assert {result["status"] for result in results} <= {"pass", "success"}


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
