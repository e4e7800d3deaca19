"""People in the load stage: who is gone, who came back, and who is the same child at another school."""

from __future__ import annotations

from datetime import date

import pytest

from tests.registers import DAY, ELM, OAK, Register, mark, pupil

NEXT = date(2026, 7, 7)
WHOLE_DAY = [mark("p1"), mark("p1", "\\", session="PM"), mark("p2"), mark("p2", "N", session="PM")]
ROLL = [pupil("p1"), pupil("p2")]


def many(count: int) -> list[dict[str, object]]:
    return [pupil(f"p{number}") for number in range(count)]


def test_a_roll_that_loses_many_pupils_is_held_and_names_no_child(register: Register):
    register.load(many(20), [mark("p0")])
    held = register.load(many(16), [mark("p0")], day=7)
    assert (held.status, held.reason) == ("held", "4 of 20 pupils are gone from the roll overnight (limit 5 %).")
    line = register.rows("select status, reason_code, next_action from ops.school_night where night = %s", [NEXT])
    assert line == [("held", "RC331", f"Ask the school; if it confirms, `rollcall release {ELM} {NEXT}`.")]
    assert register.rows("select count(*) from register.enrolment where leaving_date is not null") == [(0,)]


def test_two_pupils_may_leave_the_smallest_school(register: Register):
    register.load(many(4), [mark("p0")])
    assert register.load(many(2), [mark("p0")], day=7).status == "loaded"


def test_a_child_gone_from_a_complete_roll_keeps_an_enrolment_that_ended_on_its_last_mark(register: Register):
    register.load(ROLL, [*WHOLE_DAY, mark("p2", day=NEXT)], day=7)
    register.load(ROLL[:1], WHOLE_DAY[:2], day=8)
    ended = register.rows(
        "select leaving_date, leaving_reason from register.enrolment where is_current and leaving_date is not null"
    )
    assert ended == [(NEXT, "vanished from roll")]
    assert len(register.codes()) == 5


def test_a_snapshot_that_says_what_the_last_delta_said_still_ends_who_is_missing(register: Register):
    register.load(ROLL, WHOLE_DAY)
    register.load(ROLL[:1], WHOLE_DAY[:2], day=7, mode="delta")
    register.load(ROLL[:1], WHOLE_DAY[:2], day=8)
    ended = register.rows("select count(*) from register.enrolment where is_current and leaving_date is not null")
    assert ended == [(1,)]


def test_a_quarantined_pupil_has_not_vanished(register: Register):
    register.load(ROLL, WHOLE_DAY)
    register.load(ROLL[:1], WHOLE_DAY[:2], day=7, withheld_pupils=[("p2", date(2024, 9, 2))])
    assert register.rows("select count(*) from register.enrolment where leaving_date is not null") == [(0,)]


def test_a_child_who_comes_back_after_leaving_has_two_enrolments_and_one_person(register: Register):
    left = pupil("p1", leaving_date=date(2026, 6, 5))
    register.load([left], [])
    register.load([left, pupil("p1", entry_date=date(2026, 7, 6))], [mark("p1", entry_date=date(2026, 7, 6))], day=7)
    rows = register.rows("select count(*), count(distinct pupil_id) from register.enrolment where is_current")
    assert rows == [(2, 1)]
    assert register.rows("select count(*) from register.person_link where is_current") == [(1,)]


def test_a_status_keeps_the_day_on_which_it_was_first_seen(register: Register):
    register.load([pupil("p1", fsm=True)], [])
    register.load([pupil("p1", fsm=True, sex="M")], [], day=7)
    register.load([pupil("p1", fsm=False, sex="M")], [], day=8)
    rows = register.rows("select value, effective_from, is_current from register.pupil_status order by known_from")
    assert rows == [("Y", DAY, False), ("N", date(2026, 7, 8), True)]


def linked(register: Register) -> tuple[int, list[str]]:
    """Number of persons, and the methods of the current links in the order of their pupils."""
    rows = register.rows("select person_id, method from register.person_link where is_current order by pupil_id")
    return len({row[0] for row in rows}), [row[1] for row in rows]


@pytest.mark.parametrize(
    ("here", "there", "persons", "method"),
    [
        ({"upn": "H801200001001"}, {"upn": "H801200001001", "surname": "Other"}, 1, "upn"),
        ({"upn": "H801200001001"}, {"upn": "A801200001002", "former_upn": "H801200001001"}, 1, "former_upn"),
        ({"upn": "A801200001002", "former_upn": "H801200001001"}, {"upn": "H801200001001"}, 1, "former_upn"),
        ({"surname": "Quux"}, {"surname": "QUUX"}, 1, "name_birth"),
        ({"surname": "Quux", "upn": "H801200001001"}, {"surname": "Quux"}, 1, "name_birth"),
        ({"surname": "Quux", "upn": "H801200001001"}, {"surname": "Quux", "upn": "A801200001002"}, 2, "new"),
        ({"surname": "Quux"}, {"surname": "Quux", "date_of_birth": date(2015, 3, 18)}, 2, "new"),
        ({"surname": "Quux"}, {"surname": "Quux", "forename": "Eve"}, 2, "new"),
    ],
)
def test_the_same_child_at_two_schools_is_one_person_only_on_evidence(
    register: Register, here: dict[str, object], there: dict[str, object], persons: int, method: str
):
    register.load([pupil("p1", **here)], [])
    register.load([pupil("q1", **there)], [], urn=OAK)
    assert linked(register) == (persons, ["new", method])


def test_two_children_of_the_same_name_and_birth_date_are_not_guessed_between(register: Register):
    twins = [pupil("p1", surname="Quux", upn="H801200001001"), pupil("p2", surname="Quux", upn="A801200001002")]
    register.load(twins, [])
    register.load([pupil("q1", surname="Quux")], [], urn=OAK)
    assert linked(register) == (3, ["new", "new", "new"])


def test_a_link_by_name_gives_way_to_a_upn_and_its_history_stays(register: Register):
    register.load([pupil("p1", surname="Quux"), pupil("p2", upn="H801200001001")], [])
    register.load([pupil("q1", surname="Quux")], [], urn=OAK)
    register.load([pupil("q1", surname="Quux", upn="H801200001001")], [], urn=OAK, day=7)
    history = register.rows(
        "select method, is_current from register.person_link"
        " where pupil_id = (select max(pupil_id) from register.person_link) order by known_from"
    )
    assert history == [("name_birth", False), ("upn", True)]
