"""Every rule, both ways: the good delivery breaks none, and one delivery per rule breaks that rule alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rollcall.validate import read_canonical, read_verdict, validate_many
from rollcall.validate.rules import NAMES, load_suite
from tests.deliveries import GOOD_MARKS, GOOD_PUPILS, URN, Door, broken_rules, mark, pupil, quarantined, template

BAD_MARKS: dict[str, list[dict[str, str]]] = {
    "mark_names_a_pupil": [mark(pupil_id="")],
    "session_date_is_a_date": [mark(session_date="8 July 2026")],
    "session_is_am_or_pm": [mark(session="Eve")],
    "code_is_short": [mark(session_date="2026-07-06", code="away with family")],
    "pupil_is_known": [mark(pupil_id="p9")],
    "session_is_within_enrolment": [mark(pupil_id="p3", session_date="2026-07-02")],
    "session_is_not_in_the_future": [mark(session_date="2026-07-09")],
    "session_is_in_scope": [mark(session_date="2026-05-29")],
    "session_has_one_mark": [mark(session_date="2026-07-06"), mark(session_date="2026-07-06", code="I")],
    "code_is_known": [mark(session_date="2026-07-06", code="zz")],
    "code_is_in_force": [mark(session_date="2026-07-06", code="H")],
    "minutes_late_is_a_number": [mark(session_date="2026-07-06", code="L", minutes_late="a few")],
    "session_is_on_a_school_day": [mark(session_date="2026-07-04")],
}
ALSO: dict[str, set[str]] = {
    "code_is_short": {"code_is_known"},
    "session_is_in_scope": {"session_is_on_a_school_day"},
}
LEAVER = pupil(pupil_id="p3", upn="", leaving_date="2026-07-01")

BAD_PUPILS: dict[str, list[dict[str, str]]] = {
    "pupil_id_is_there": [pupil(pupil_id="", upn="")],
    "surname_is_there": [pupil(pupil_id="p4", upn="", surname="")],
    "forename_is_there": [pupil(pupil_id="p4", upn="", forename="")],
    "date_of_birth_is_a_date": [pupil(pupil_id="p4", upn="", date_of_birth="March 2015")],
    "age_at_entry_is_plausible": [pupil(pupil_id="p4", upn="", date_of_birth="2024-08-30", nc_year="X")],
    "nc_year_is_a_year_group": [pupil(pupil_id="p4", upn="", nc_year="Y6")],
    "nc_year_is_there": [pupil(pupil_id="p4", upn="", nc_year="")],
    "entry_date_is_a_date": [pupil(pupil_id="p4", upn="", entry_date="soon")],
    "leaving_date_is_a_date": [pupil(pupil_id="p4", upn="", leaving_date="31 June")],
    "entry_is_not_after_leaving": [pupil(pupil_id="p4", upn="", leaving_date="2024-09-01")],
    "text_is_short": [pupil(pupil_id="p4", upn="", forename="x" * 201)],
    "enrolment_is_stated_once": [pupil(pupil_id="p4", upn=""), pupil(pupil_id="p4", upn="", sex="F")],
    "upn_is_valid": [pupil(pupil_id="p4", upn="A801200001001")],
    "former_upn_is_valid": [pupil(pupil_id="p4", upn="", former_upn="H80120000100")],
    "upn_is_not_shared": [pupil(pupil_id="p4")],
    "sex_is_known": [pupil(pupil_id="p4", upn="", sex="male")],
    "enrolment_status_is_known": [pupil(pupil_id="p4", upn="", enrolment_status="Z")],
    "removal_ground_is_known": [pupil(pupil_id="p4", upn="", removal_ground="moved")],
    "destination_urn_is_a_urn": [pupil(pupil_id="p4", upn="", destination_urn="12")],
    "is_boarder_is_yes_or_no": [pupil(pupil_id="p4", upn="", is_boarder="maybe")],
    "fsm_is_yes_or_no": [pupil(pupil_id="p4", upn="", fsm="1")],
    "eal_is_yes_or_no": [pupil(pupil_id="p4", upn="", eal="1")],
    "looked_after_is_yes_or_no": [pupil(pupil_id="p4", upn="", looked_after="1")],
    "cin_is_yes_or_no": [pupil(pupil_id="p4", upn="", cin="1")],
    "cp_is_yes_or_no": [pupil(pupil_id="p4", upn="", cp="1")],
    "sen_is_known": [pupil(pupil_id="p4", upn="", sen="EHCP")],
    "age_fits_year_group": [pupil(pupil_id="p4", upn="", nc_year="11")],
}
CONTROL: dict[str, Any] = {"urn": URN, "mode": "snapshot", "pupils": 2, "marks": 5}
BAD_DELIVERIES: dict[str, dict[str, Any]] = {
    "delivery_can_be_read": {"control": {"fault": "not JSON"}},
    "delivery_is_from_this_school": {"control": CONTROL | {"urn": 900002}},
    "scope_is_stated": {"scope_from": None},
    "delivery_is_not_from_the_future": {"source_time": datetime(2026, 7, 9, tzinfo=UTC)},
    "control_counts_pupils": {"control": CONTROL | {"pupils": 3}},
    "control_counts_marks": {"control": CONTROL | {"marks": 4}},
}


def test_the_good_delivery_breaks_no_rule(door: Door):
    extract, verdict = door.judge_rows(GOOD_PUPILS, GOOD_MARKS, control=CONTROL)
    assert broken_rules(extract) == {}
    assert (verdict.status, verdict.pupils_accepted, verdict.marks_accepted) == ("accepted", 2, 5)


@pytest.mark.parametrize("rule", BAD_MARKS)
def test_a_bad_mark_breaks_its_rule_alone(door: Door, rule: str):
    extract, verdict = door.judge_rows([*GOOD_PUPILS, LEAVER], GOOD_MARKS + BAD_MARKS[rule])
    assert set(broken_rules(extract)) == {rule} | ALSO.get(rule, set())
    on_fail = next(item.on_fail for item in load_suite("marks").rules if item.id == rule)
    bad = [("marks.csv", len(GOOD_MARKS) + 2 + place, rule) for place in range(len(BAD_MARKS[rule]))]
    assert quarantined(extract) == (bad if on_fail == "quarantine" else [])
    assert verdict.marks_in == verdict.marks_accepted + verdict.marks_quarantined + verdict.marks_repeated


@pytest.mark.parametrize("rule", BAD_PUPILS)
def test_a_bad_pupil_breaks_its_rule_alone(door: Door, rule: str):
    extract, verdict = door.judge_rows(GOOD_PUPILS + BAD_PUPILS[rule], GOOD_MARKS)
    assert set(broken_rules(extract)) == {rule}
    demand = next(item for item in load_suite("pupils").rules if item.id == rule)
    bad = [("pupils.csv", len(GOOD_PUPILS) + 2 + place, rule) for place in range(len(BAD_PUPILS[rule]))]
    assert quarantined(extract) == (bad if demand.on_fail == "quarantine" else [])
    assert verdict.pupils_in == verdict.pupils_accepted + verdict.pupils_quarantined + verdict.pupils_repeated
    if demand.on_fail == "clear":
        cleared = read_canonical(extract.landed_uri)[0].column(demand.clears).to_pylist()[-1]
        assert cleared == ("C" if demand.clears == "enrolment_status" else None)


@pytest.mark.parametrize("rule", BAD_DELIVERIES)
def test_a_bad_delivery_is_held_by_its_rule_alone(door: Door, rule: str):
    extract, verdict = door.judge_rows(GOOD_PUPILS, GOOD_MARKS, **BAD_DELIVERIES[rule])
    assert set(broken_rules(extract)) == {rule}
    assert verdict.status == "held"
    assert verdict.reason.startswith(rule)


def test_a_snapshot_without_pupils_is_held(door: Door):
    files = template(GOOD_PUPILS, GOOD_MARKS)
    header = files["pupils.csv"].splitlines()[0]
    extract, verdict = door.judge(files | {"pupils.csv": header + b"\n"})
    assert verdict.reason.startswith("snapshot_has_pupils")
    assert "snapshot_has_pupils" in broken_rules(extract)


def test_no_mark_on_a_school_day_is_held(door: Door):
    files = template(GOOD_PUPILS, GOOD_MARKS)
    header = files["marks.csv"].splitlines()[0]
    extract, verdict = door.judge(files | {"marks.csv": header + b"\n"})
    assert set(broken_rules(extract)) == {"school_day_has_marks"}
    assert verdict.status == "held"


def test_no_mark_is_no_fault_while_the_school_is_closed(door: Door):
    files = template(GOOD_PUPILS, GOOD_MARKS)
    header = files["marks.csv"].splitlines()[0]
    weekend = {"scope_from": date(2026, 7, 4), "scope_to": date(2026, 7, 5)}
    _, verdict = door.judge(files | {"marks.csv": header + b"\n"}, **weekend)
    assert verdict.status == "accepted"


@pytest.mark.parametrize("rule", ["marks_are_mostly_sound", "pupils_are_mostly_sound"])
def test_too_many_bad_rows_hold_the_delivery(door: Door, rule: str):
    bad = len(GOOD_MARKS) + 1
    if rule.startswith("marks"):
        extract, verdict = door.judge_rows(GOOD_PUPILS, GOOD_MARKS + [mark(session="Eve")] * bad)
    else:
        extract, verdict = door.judge_rows(GOOD_PUPILS + [pupil(pupil_id="", upn="")] * bad, GOOD_MARKS)
    assert rule in broken_rules(extract)
    assert verdict.reason.startswith(rule)


def test_every_rule_has_a_bad_delivery_here():
    """A rule without a test could be deleted unnoticed."""
    elsewhere = {"snapshot_has_pupils", "school_day_has_marks", "marks_are_mostly_sound", "pupils_are_mostly_sound"}
    demanded = {rule.id for name in NAMES for rule in load_suite(name).rules}
    assert demanded == set(BAD_MARKS) | set(BAD_PUPILS) | set(BAD_DELIVERIES) | elsewhere


def test_many_extracts_together_are_judged_as_each_alone(door: Door):
    """One run of a suite over several schools must not change any verdict."""
    bad = [BAD_MARKS["pupil_is_known"], BAD_MARKS["session_has_one_mark"], BAD_MARKS["code_is_known"]]
    extracts = [door.extract(template(GOOD_PUPILS, GOOD_MARKS + rows)) for rows in [[], *bad]]
    together = validate_many(extracts, door.city, {}, door.codes)
    alone = [validate_many([extract], door.city, {}, door.codes)[0] for extract in extracts]
    assert together == alone == [read_verdict(extract.landed_uri) for extract in extracts]
    assert len({verdict.marks_in for verdict in together}) > 1
