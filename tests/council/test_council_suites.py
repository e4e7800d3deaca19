"""Every rule of every feed broken by one row that breaks nothing else; and the interface document says what is read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pytest

from rollcall.council import CHILD as CHILD_COLUMNS
from rollcall.council import FEEDS
from rollcall.settings import PROJECT_ROOT
from rollcall.validate.council import suite_of
from rollcall.validate.council.frame import feed_frame
from rollcall.validate.council.judging import FOLDER
from rollcall.validate.rules import load_suite, run_suite
from tests.council_drop import CHILD, OTHER, Row, row

NIGHT: Final = date(2026, 7, 8)
LATER, BEFORE, NO_DAY = "2026-12-01", "2025-01-01", "soon"
ANY_CHILD: Final[dict[str, Row]] = {
    "upn_is_valid": {"upn": "A801200001001"},
    "former_upn_is_valid": {"former_upn": "A801200001001"},
    "date_of_birth_is_readable": {"date_of_birth": NO_DAY},
}
ANY_ROW: Final[dict[str, Row]] = {"text_is_short": {"x": "y" * 201}, "no_cell_is_a_formula": {"x": "=1+1"}}
TEXT: Final = {"meetings": "term"}
BAD: Final[dict[str, dict[str, Row]]] = {
    "children": {
        "home_la_is_there": {"home_la": ""}, "home_la_is_an_authority": {"home_la": "Derby"},
        "lsoa_code_is_an_area": {"lsoa_code": "Derby 013A"}, "ward_code_is_a_ward": {"ward_code": "Abbey"},
        "sex_is_known": {"sex": "X"}, "known_since_is_readable": {"known_since": NO_DAY},
    },
    "social_care": {
        "status_is_there": {"status": ""}, "status_is_known": {"status": "LAC"}, "start_date_is_a_date": {"start_date": ""},
        "end_date_is_readable": {"end_date": NO_DAY}, "end_is_not_before_start": {"end_date": BEFORE},
        "responsible_la_is_an_authority": {"responsible_la": "83"}, "home_la_is_an_authority": {"home_la": "Derby"},
        "social_worker_is_a_code": {"social_worker": "Jane"}, "team_is_a_code": {"team": "East side"},
        "next_meeting_date_is_readable": {"next_meeting_date": NO_DAY},
        "last_contact_date_is_readable": {"last_contact_date": NO_DAY},
    },
    "plans": {
        "urn_is_there": {"urn": ""}, "urn_is_of_the_city": {"urn": "123456"}, "plan_is_there": {"plan": ""},
        "plan_is_known": {"plan": "holiday"}, "start_date_is_a_date": {"start_date": NO_DAY},
        "expected_end_date_is_readable": {"expected_end_date": NO_DAY},
        "actual_end_date_is_readable": {"actual_end_date": NO_DAY},
        "expected_end_is_not_before_start": {"expected_end_date": BEFORE},
        "actual_end_is_not_before_start": {"actual_end_date": BEFORE},
        "weekly_sessions_are_0_to_10": {"weekly_sessions": "11"}, "review_date_is_readable": {"review_date": NO_DAY},
        "is_parent_agreed_is_yes_or_no": {"is_parent_agreed": "yes"}, "reason_is_known": {"reason": "because"},
    },
    "home_education": {
        "start_date_is_a_date": {"start_date": ""}, "notified_date_is_readable": {"notified_date": NO_DAY},
        "end_date_is_readable": {"end_date": NO_DAY}, "end_is_not_before_start": {"end_date": BEFORE},
        "suitability_is_there": {"suitability": ""}, "suitability_is_known": {"suitability": "Y"},
        "assessed_date_is_readable": {"assessed_date": NO_DAY}, "last_school_urn_is_a_urn": {"last_school_urn": "Elm"},
    },
    "admissions": {
        "reference_is_there": {"reference": ""}, "reference_is_a_reference": {"reference": "Ada Quux"},
        "admission_round_is_there": {"admission_round": ""}, "admission_round_is_known": {"admission_round": "late"},
        "outcome_is_there": {"outcome": ""}, "outcome_is_known": {"outcome": "maybe"},
        "applied_date_is_readable": {"applied_date": NO_DAY}, "offered_date_is_readable": {"offered_date": NO_DAY},
        "accepted_date_is_readable": {"accepted_date": NO_DAY},
        "expected_start_date_is_readable": {"expected_start_date": NO_DAY},
        "withdrawn_date_is_readable": {"withdrawn_date": NO_DAY},
        "offer_is_not_before_application": {"offered_date": BEFORE},
        "acceptance_is_not_before_offer": {"offered_date": LATER, "accepted_date": "2026-11-01"},
        "preferred_urn_is_a_urn": {"preferred_urn": "Elm"}, "offered_urn_is_a_urn": {"offered_urn": "0"},
    },
    "cme_cases": {
        "case_reference_is_there": {"case_reference": ""}, "case_reference_is_a_reference": {"case_reference": "Ada"},
        "opened_date_is_a_date": {"opened_date": ""}, "opened_is_not_in_the_future": {"opened_date": LATER},
        "missing_since_is_readable": {"missing_since": NO_DAY}, "start_rule_is_there": {"start_rule": ""},
        "start_rule_is_known": {"start_rule": "guess"}, "status_is_there": {"status": ""},
        "status_is_known": {"status": "open"}, "confirmed_date_is_readable": {"confirmed_date": NO_DAY},
        "closed_date_is_readable": {"closed_date": NO_DAY}, "closed_is_not_before_opened": {"closed_date": BEFORE},
        "cme_reason_is_known": {"cme_reason": "Mental health"}, "last_school_urn_is_a_urn": {"last_school_urn": "Elm"},
        "is_whereabouts_known_is_yes_or_no": {"is_whereabouts_known": "?"}, "outcome_is_known": {"outcome": "gone"},
    },
    "school_returns": {
        "urn_is_there": {"urn": ""}, "urn_is_of_the_city": {"urn": "123456"}, "return_type_is_there": {"return_type": ""},
        "return_type_is_known": {"return_type": "other"}, "event_date_is_a_date": {"event_date": NO_DAY},
        "returned_date_is_a_date": {"returned_date": ""}, "return_is_not_from_the_future": {"returned_date": LATER},
        "removal_ground_is_known": {"removal_ground": "z"}, "destination_urn_is_a_urn": {"destination_urn": "Elm"},
    },
    "legal": {
        "reference_is_there": {"reference": ""}, "reference_is_a_reference": {"reference": "Ada"},
        "parent_key_is_a_key": {"parent_key": "Mrs Quux"}, "urn_is_of_the_city": {"urn": "123456"},
        "measure_is_there": {"measure": ""}, "measure_is_known": {"measure": "fine"},
        "issued_date_is_a_date": {"issued_date": ""}, "issue_is_not_in_the_future": {"issued_date": LATER},
        "period_first_date_is_readable": {"period_first_date": NO_DAY},
        "period_last_date_is_readable": {"period_last_date": NO_DAY},
        "period_runs_forward": {"period_first_date": LATER, "period_last_date": BEFORE},
        "sessions_are_a_number": {"sessions": "ten"}, "paid_date_is_readable": {"paid_date": NO_DAY},
        "withdrawn_date_is_readable": {"withdrawn_date": NO_DAY},
        "prosecuted_date_is_readable": {"prosecuted_date": NO_DAY},
    },
    "meetings": {
        "urn_is_there": {"urn": ""}, "urn_is_of_the_city": {"urn": "123456"},
        "meeting_date_is_a_date": {"meeting_date": ""},
        "term_is_known": {"term": "winter"}, "attendees_are_known": {"attendees": "school Mrs Quux"},
        "next_due_date_is_readable": {"next_due_date": NO_DAY},
    },
    "meeting_actions": {
        "reference_is_there": {"reference": ""}, "reference_is_a_reference": {"reference": "Ada"},
        "urn_is_there": {"urn": ""}, "urn_is_of_the_city": {"urn": "123456"},
        "meeting_date_is_a_date": {"meeting_date": ""},
        "action_is_there": {"action": ""}, "action_is_known": {"action": "talk"},
        "owner_role_is_known": {"owner_role": "Ada"},
        "due_date_is_readable": {"due_date": NO_DAY}, "done_date_is_readable": {"done_date": NO_DAY},
        "child_is_named_or_left_out": dict.fromkeys(CHILD, "") | {"surname": "Quux"},
    },
    "interventions": {
        "intervention_is_there": {"intervention": ""}, "intervention_is_known": {"intervention": "talk"},
        "since_date_is_a_date": {"since_date": ""}, "until_date_is_readable": {"until_date": NO_DAY},
        "until_is_not_before_since": {"until_date": BEFORE}, "urn_is_of_the_city": {"urn": "123456"},
        "owner_role_is_known": {"owner_role": "Ada"},
    },
}  # fmt: skip
"""By feed and rule: what is wrong with the row that breaks it."""


ALSO: Final = {"meetings": {"term_is_known": ["text_is_short", "no_cell_is_a_formula"]}}
"""Meetings have no free text: a broken text there is no code either."""
TWICE: Final[dict[str, Row]] = {
    "children": {"sex": "M"}, "social_care": {"team": "WEST"}, "plans": {"reason": "other"},
    "home_education": {"suitability": "suitable"}, "admissions": {"outcome": "refused"},
    "cme_cases": {"status": "confirmed"},
    "school_returns": {"removal_ground": "a"}, "legal": {"sessions": "3"}, "meetings": {"term": "spring"},
    "meeting_actions": {"action": "mentoring"}, "interventions": {"owner_role": "health"},
}  # fmt: skip
"""What a second, different row says of the same record."""


def faults_of(feed: str) -> dict[str, Row]:
    text = TEXT.get(feed, "surname")
    faults = {rule: {text: next(iter(fault.values()))} for rule, fault in ANY_ROW.items()}
    if FEEDS[feed].child == "needed":
        faults["child_is_named"] = dict.fromkeys(CHILD, "") | {"surname": "Quux"}
    return faults | (ANY_CHILD if FEEDS[feed].child != "none" else {}) | BAD[feed]


@pytest.mark.parametrize("feed", FEEDS)
def test_each_rule_is_broken_by_the_row_that_breaks_it_and_by_no_other(feed: str):
    faults = faults_of(feed)
    rows = [row(feed)]
    for number, fault in enumerate(faults.values()):
        apart = {"la_child_id": f"C{number}", "reference": f"R-{number}", "case_reference": f"R-{number}"}
        apart |= {"meeting_date": f"2026-05-{number + 1:02d}"} if feed == "meetings" else {}
        rows.append(row(feed, **(apart | fault)))
    other = row(feed, OTHER, reference="S-1", case_reference="S-1", meeting_date="2026-04-20")
    rows += [other, other | TWICE[feed]]
    suite = suite_of(feed)
    stated = pa.table({name: [line.get(name, "") for line in rows] for name in FEEDS[feed].stated})
    wanted = {str(rule.kwargs["column"]) for rule in suite.rules}
    broken = run_suite(
        suite, feed_frame(feed=FEEDS[feed], stated=stated, night=NIGHT, urns=[900001, 900002], rule_columns=wanted)
    )
    found = {rule: places.tolist() for rule, places in broken.items()}
    expected = {rule: [place] for place, rule in enumerate(faults, start=1)}
    twice = [len(rows) - 2, len(rows) - 1]
    for rule, also in ALSO.get(feed, {}).items():
        expected[rule] = sorted({*expected.get(rule, []), *(expected[other][0] for other in also)})
    assert found == {rule.id: expected.get(rule.id, []) for rule in suite.rules} | {"record_is_stated_once": twice}
    assert set(faults) | {"record_is_stated_once"} == {rule.id for rule in suite.rules}


def test_every_suite_of_the_feeds_is_used():
    used = {"row", "child", "child_numbers", "delivery", *FEEDS}
    assert {path.stem for path in FOLDER.glob("*.yml")} == used
    assert all(rule.on_fail == "hold" for rule in load_suite("delivery", FOLDER).rules)


def test_the_interface_document_lists_every_column_code_and_key():
    text = (PROJECT_ROOT / "docs" / "council-feeds.md").read_text(encoding="utf-8")
    for feed in FEEDS.values():
        section = text.split(f"### `{feed.name}`")[1].split("\n### ")[0].split("\n## ")[0]
        lines = {found[1]: found[0] for found in re.findall(r"(\| `(\w+)` \|.*)", section)}
        assert list(lines) == [column.name for column in feed.columns]
        for column in feed.columns:
            assert all(value in lines[column.name] for value in column.values)
            mark = "key" if column.stored in feed.key else "yes" if column.needed else "no"
            assert f"| {mark} |" in lines[column.name]
    assert all(f"| `{column.name}` |" in text for column in CHILD_COLUMNS)


def test_the_seeds_of_dbt_hold_the_codes_of_the_interface():
    seeds = Path(PROJECT_ROOT / "dbt_project" / "seeds")
    for seed, feed, name in (("cme_reasons", "cme_cases", "cme_reason"), ("plan_reasons", "plans", "reason")):
        codes = [line.split(",")[0] for line in (seeds / f"{seed}.csv").read_text(encoding="utf-8").splitlines()[1:]]
        (column,) = [column for column in FEEDS[feed].columns if column.name == name]
        assert codes == list(column.values)
    assert len((seeds / "cme_reasons.csv").read_text(encoding="utf-8").splitlines()) == 21
