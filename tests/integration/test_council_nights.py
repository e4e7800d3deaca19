"""The council's feeds over the three nights of the tiny city, beside the simulator's truth."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from rollcall.council import FEEDS
from simulator.faces.council import records_as_known
from tests.story import Story
from tests.tiny_city import HISTORY_UNTIL, NIGHTS, TinyCity

FIRST, SPOILT, LAST = NIGHTS


def statuses(city: TinyCity, day: date) -> dict[str, str]:
    return dict(city.rows("select feed, status from ops.feed_night where night = %s", [day]))


@pytest.mark.parametrize("day", [HISTORY_UNTIL, FIRST, SPOILT])
def test_every_feed_comes_in(tiny_city: TinyCity, story: Story, day: date):
    assert story.evenings
    assert statuses(tiny_city, day) == dict.fromkeys(FEEDS, "in")


def test_each_planted_fault_stands_on_its_own_feeds_line(tiny_city: TinyCity, story: Story):
    assert statuses(tiny_city, LAST) == dict.fromkeys(FEEDS, "in") | {"social_care": "missing"}
    named = {line.school: line.status for line in story.evenings[LAST].summary.feed_exceptions}
    assert named == {"social_care": "missing", "plans": "rows"}
    rules = tiny_city.rows("select night, entity, rule from ops.quarantine where urn is null group by 1, 2, 3")
    assert (LAST, "plans", "start_date_is_a_date") in rules
    assert (SPOILT, "admissions", "no_cell_is_a_formula") in rules


def test_the_registers_are_not_held_up_by_a_feed(story: Story):
    assert story.evenings[LAST].summary.published


def test_what_the_feeds_say_is_what_the_council_knows(tiny_city: TinyCity, story: Story):
    assert story.evenings
    for feed in ("admissions", "cme_cases", "home_education", "legal", "meetings", "interventions", "school_returns"):
        known = len(records_as_known(tiny_city.truth, feed, str(LAST)))
        assert tiny_city.value(f"select count(*) from city.{FEEDS[feed].table} where is_current") == known > 0, feed


def test_each_child_is_linked_to_the_person_that_the_truth_says(tiny_city: TinyCity, story: Story):
    assert story.evenings
    rows = tiny_city.rows(
        """
        select distinct naming.la_child_id, link.person_id, link.method
        from identity.council_child as naming
        inner join city.child_link as link using (council_child_id)
        where link.is_current and naming.la_child_id is not null
        """
    )
    pupils = tiny_city.rows(
        """
        select pupil.urn, pupil.source_pupil_id, link.person_id
        from identity.pupil
        inner join register.person_link as link using (pupil_id)
        where pupil.is_current and link.is_current
        """
    )
    truth = tiny_city.truth.pupils.set_index(["urn", "pupil_id"])["person_no"]
    found = pd.DataFrame(pupils, columns=["urn", "pupil_id", "person_id"])
    found["person_no"] = [
        truth.get((urn, pupil), 0) for urn, pupil in zip(found["urn"], found["pupil_id"], strict=True)
    ]
    of_person = found.groupby("person_no")["person_id"].agg(set)
    linked = {int(key.removeprefix("LA")): (person, method) for key, person, method in rows}
    on_roll = [number for number in linked if number in of_person.index]
    wrong = [number for number in on_roll if linked[number][0] not in of_person[number]]
    assert len(on_roll) > 500
    assert wrong == []
    assert {linked[number][1] for number in on_roll} <= {"upn", "former_upn", "name_birth"}


def test_a_child_on_no_roll_is_a_person_that_no_pupil_is(tiny_city: TinyCity, story: Story):
    assert story.evenings
    never = pd.read_parquet(tiny_city.truth.folder / "council" / "children_on_no_roll.parquet")
    keys = [f"LA{number:07d}" for number in never["person_no"]]
    persons = tiny_city.rows(
        "select distinct link.person_id from identity.council_child inner join city.child_link as link"
        " using (council_child_id) where link.is_current and la_child_id = any(%s) and link.person_id not in"
        " (select person_id from register.person_link where is_current)",
        [keys],
    )
    assert len(persons) == len(keys) > 0


def test_dbt_reads_the_feeds_as_they_were_known(tiny_city: TinyCity, story: Story):
    then, now = story.evenings[FIRST].known_at, story.evenings[LAST].known_at
    known = "select count(*) from staging.stg_council__legal where known_from <= %s and known_to > %s"
    before, after = tiny_city.value(known, [then, then]), tiny_city.value(known, [now, now])
    assert before == len(records_as_known(tiny_city.truth, "legal", str(FIRST)))
    assert after == len(records_as_known(tiny_city.truth, "legal", str(LAST)))
    assert tiny_city.value("select count(*) from staging.stg_ops__feed_nights where night = %s", [LAST]) == len(FEEDS)
