"""Which child a feed means: namings of one child meet, a register's child is found, a child on no roll exists."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rollcall.load.council_children import Naming, assign_children
from rollcall.load.council_links import link_children
from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import connect
from tests.council_drop import CHILD, OTHER, Council, row
from tests.registers import OAK, pupil

BORN = date(2015, 3, 17)
BY_KEY = Naming("C1", None, None, None, None, None)
BY_ALL = Naming("C1", "H801200001001", None, "Quux", "Ada", BORN)
BY_UPN = Naming(None, "H801200001001", None, None, None, None)
BY_NAME = Naming(None, None, None, "QUUX", "ada", BORN)
RENUMBERED = Naming(None, "G80120000101A", "H801200001001", "Quux", "Ada", BORN)
NAMESAKE = Naming("C9", "F831200025001", None, "Quux", "Ada", BORN)


def assigned(*fresh: Naming, known: tuple[tuple[int, Naming], ...] = ()) -> dict[Naming, int]:
    numbers = iter(range(100, 200))
    return assign_children(known, fresh, lambda: next(numbers))


@pytest.mark.parametrize("order", [1, -1])
def test_all_namings_of_one_child_meet_whatever_their_order(order: int):
    namings = [BY_KEY, BY_ALL, BY_UPN, BY_NAME, RENUMBERED][::order]
    assert set(assigned(*namings).values()) == {100}


def test_a_namesake_with_another_number_is_another_child_and_a_bare_name_is_then_nobodys():
    children = assigned(BY_ALL, NAMESAKE, BY_NAME)
    assert len(set(children.values())) == 3


def test_the_councils_own_key_outweighs_a_number():
    other = Naming("C2", "H801200001001", None, None, None, None)
    assert len(set(assigned(BY_ALL, other).values())) == 2


def test_what_is_known_stays_as_it_is():
    assert assigned(BY_UPN, known=((7, BY_ALL),)) == {BY_UPN: 7}


def link_of(council: Council, pupil_id: str) -> tuple[int, str]:
    return council.register.rows(
        "select link.person_id, link.method from register.person_link as link"
        " inner join identity.pupil using (pupil_id)"
        " where link.is_current and pupil.is_current and source_pupil_id = %s",
        [pupil_id],
    )[0]  # type: ignore[return-value]


def test_a_child_of_a_register_is_found_by_its_number(council: Council):
    council.register.load([pupil("a", upn=CHILD["upn"]), pupil("b")], [])
    council.give("children", [row("children", {"upn": CHILD["upn"]})])
    person, _ = link_of(council, "a")
    assert council.person_of(upn=CHILD["upn"]) == (person, "upn", 100)


def test_a_child_of_a_register_is_found_by_its_former_number_and_by_name_and_birth(council: Council):
    council.register.load([pupil("a", upn="H801200001001"), pupil("b", surname="Zyx")], [])
    council.give("children", [row("children", {"upn": "G80120000101A", "former_upn": "H801200001001"})])
    named = {"surname": "zyx", "forename": "ADA", "date_of_birth": "2015-03-17"}
    council.give("cme_cases", [row("cme_cases", named)])
    assert council.person_of(upn="G80120000101A") == (link_of(council, "a")[0], "former_upn", 95)
    assert council.person_of(surname="zyx") == (link_of(council, "b")[0], "name_birth", 80)


def test_two_pupils_of_one_name_are_no_evidence(council: Council):
    twins = [pupil("a", surname="Zyx", upn="H801200001001"), pupil("b", surname="Zyx", upn="F831200025001")]
    council.register.load(twins, [])
    council.give("cme_cases", [row("cme_cases", {"surname": "Zyx", "forename": "Ada", "date_of_birth": "2015-03-17"})])
    person, method, _ = council.person_of(surname="Zyx")
    assert method == "new"
    assert person not in (link_of(council, "a")[0], link_of(council, "b")[0])


def test_a_child_on_no_roll_is_a_person_and_a_later_register_finds_it(council: Council):
    council.give("cme_cases", [row("cme_cases"), row("cme_cases", OTHER, case_reference="CME-2")])
    numbered, method, confidence = council.person_of(la_child_id="C1")
    named, *_ = council.person_of(la_child_id="C2")
    assert (method, confidence) == ("new", 100)
    assert numbered != named
    other = {"surname": OTHER["surname"], "forename": OTHER["forename"], "date_of_birth": date(2014, 1, 5)}
    council.register.load([pupil("a", upn=CHILD["upn"], surname="Married"), pupil("b", **other), pupil("c")], [])
    assert link_of(council, "a") == (numbered, "upn")
    assert link_of(council, "b") == (named, "name_birth")
    assert link_of(council, "c")[0] not in (numbered, named)


def test_a_name_in_a_feed_ties_no_two_pupils_with_different_numbers(council: Council):
    """The feed's bare name is one pupil's; a namesake elsewhere must not become that child by way of the feed."""
    council.register.load([pupil("a", surname="Zyx", upn="H801200001001")], [])
    council.give("cme_cases", [row("cme_cases", {"surname": "Zyx", "forename": "Ada", "date_of_birth": "2015-03-17"})])
    assert council.person_of(surname="Zyx")[0] == link_of(council, "a")[0]
    council.register.load([pupil("x", surname="Zyx", upn="F831200025001")], [], urn=OAK, day=7)
    assert link_of(council, "x")[0] != link_of(council, "a")[0]


def test_a_better_naming_moves_the_link_and_the_old_one_stays_as_a_version(council: Council):
    council.register.load([pupil("a", upn=CHILD["upn"], surname="Zyx")], [])
    council.give("children", [row("children", {"la_child_id": "C1"})])
    alone, method, _ = council.person_of(la_child_id="C1")
    assert method == "new"
    council.give("children", [row("children", {"la_child_id": "C1", "upn": CHILD["upn"]})], day=7)
    assert council.person_of(upn=CHILD["upn"]) == (link_of(council, "a")[0], "upn", 100)
    past = council.register.rows("select person_id from city.child_link where not is_current")
    assert past == [(alone,)]
    assert council.current("children") == [(1,)]


def test_the_month_of_birth_is_known_and_the_day_is_not(council: Council):
    council.give("admissions", [row("admissions", OTHER)])
    months = council.register.rows("select birth_month::text from city.child_link where is_current")
    assert months == [("2014-01-01",)]


def test_linking_the_children_of_a_file_alone_leaves_what_linking_all_would(council: Council):
    pupils = [pupil("a", upn=CHILD["upn"]), pupil("b", surname="Zyx"), pupil("c", upn="F831200025001")]
    council.register.load(pupils, [])
    council.give("children", [row("children", OTHER), row("children", {"la_child_id": "C3", "upn": "F831200025001"})])
    council.give("social_care", [row("social_care", {"upn": CHILD["upn"]})])
    council.give("cme_cases", [row("cme_cases", {"surname": "Zyx", "forename": "Ada", "date_of_birth": "2015-03-17"})])
    assert council.person_of(upn=CHILD["upn"]) == (link_of(council, "a")[0], "upn", 100)
    assert council.person_of(surname="Zyx") == (link_of(council, "b")[0], "name_birth", 80)
    with connect(council.register.settings, "loader") as connection:
        later = Knowledge(datetime(2026, 7, 9, tzinfo=UTC), 0)
        assert link_children(connection, later, everyone=True) == 0


def test_a_feed_that_names_no_child_does_not_hide_that_a_register_moved(council: Council):
    council.give("children", [row("children", {"upn": CHILD["upn"]})])
    assert council.person_of(upn=CHILD["upn"])[1] == "new"
    council.register.load([pupil("a", upn=CHILD["upn"])], [])
    council.give("meetings", [row("meetings")])
    council.give("cme_cases", [row("cme_cases", OTHER)])
    assert council.person_of(upn=CHILD["upn"]) == (link_of(council, "a")[0], "upn", 100)
