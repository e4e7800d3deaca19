"""The whole path over three nights, beside an independent computation that shares no code with the product."""

from __future__ import annotations

from datetime import date

import pytest

from tests.story import AS_KNOWN, Evening, Planted, Story
from tests.tiny_city import (
    BAD_ROWS,
    EMPTY,
    HALF_GONE,
    LATE,
    NIGHTS,
    ODD_BYTES,
    ROLLS,
    SILENT,
    WITHOUT_ROUTE,
    TinyCity,
)

FIRST, CORRECTED, LAST = NIGHTS


CONFIRMED = (
    "links", "fct_enrolment_absence", "fct_child_absence", "fct_enrolment_codes", "fct_sessions_to_threshold",
    "fct_part_time", "fct_plan_sheet", "rpt_persistent_absentees", "fct_settlement",
    "agg_school_absence", "agg_phase_absence", "agg_city_absence", "agg_area_absence", "agg_code_shares",
    "agg_group_absence", "rpt_beside_published",
    "rpt_bridge", "fct_continuous_absence", "fct_sickness_returns", "fct_unexplained_overdue",
    "fct_return_timeliness", "fct_penalty_threshold", "fct_absence_spells", "fct_absence_patterns",
    "agg_school_patterns",
)  # fmt: skip


# rows of these come with the nights, or are few in a city so small
FEW = ("fct_leave_ended", "rpt_severe_absentees", "rpt_movers", "fct_meeting_actions", "fct_support_meetings")
AFTER_NIGHTS = ("fct_register_amendments", "agg_register_amendments")


@pytest.mark.parametrize("part", CONFIRMED)
def test_the_history_agrees_with_the_independent_computation(story: Story, part: str):
    found = story.after_history["parts"][part]
    assert found.rows > 10
    assert found.mismatches == 0, found.first


@pytest.mark.parametrize("part", [*CONFIRMED, *AFTER_NIGHTS])
def test_three_nights_with_defects_agree_with_the_independent_computation(story: Story, part: str):
    found = story.after_nights["parts"][part]
    assert found.rows > 5
    assert found.mismatches == 0, found.first


def test_every_part_was_compared_and_none_differs(story: Story):
    parts = story.after_nights["parts"]
    assert set(parts) == {*CONFIRMED, *AFTER_NIGHTS, *FEW}
    assert {name: part.first for name, part in parts.items() if part.mismatches} == {}


def test_a_night_without_defects_brings_every_school_in(story: Story):
    assert story.evenings[FIRST].statuses == dict.fromkeys(ROLLS, "in")
    assert story.evenings[FIRST].loaded.marks_new > 1000
    assert story.evenings[FIRST].loaded.marks_changed > 0


def test_names_in_windows_1252_are_read_and_an_empty_register_is_held(story: Story):
    statuses = story.evenings[CORRECTED].statuses
    assert (statuses[ODD_BYTES], statuses[EMPTY]) == ("in", "held")
    assert set(statuses.values()) == {"in", "held"}


def test_each_defect_of_the_last_night_stands_on_its_own_schools_line(story: Story):
    expected = dict.fromkeys(ROLLS, "in") | {SILENT: "silent", HALF_GONE: "held", LATE: "silent"}
    assert story.evenings[LAST].statuses == expected


@pytest.mark.parametrize("urn", [SILENT, HALF_GONE, LATE])
def test_a_school_that_is_not_in_is_named_in_summary_and_report(tiny_city: TinyCity, story: Story, urn: int):
    school, evening = tiny_city.city.schools[urn], story.evenings[LAST]
    named = [line for line in evening.summary.exceptions if line.school == school.label]
    assert len(named) == 1
    assert named[0].reason
    assert named[0].next_action
    assert evening.report.count(school.name) >= 1
    assert school.name not in story.evenings[FIRST].report


def test_rows_that_broke_a_rule_are_counted_by_school_and_rule(tiny_city: TinyCity, story: Story):
    evening = story.evenings[LAST]
    school = tiny_city.city.schools[BAD_ROWS]
    named = [line for line in evening.summary.quarantined if line.school == school.label]
    assert len(named) == 1
    in_quarantine = tiny_city.value(
        "select count(*) from ops.quarantine where urn = %s and night = %s", [BAD_ROWS, LAST]
    )
    assert in_quarantine == evening.summary.quarantined_rows > 100
    assert f"{in_quarantine:,} rows quarantined" in named[0].reason
    assert f"{in_quarantine:,}" in evening.report
    assert school.name in evening.report


def test_a_school_without_a_route_is_counted_as_missing_and_never_as_in(tiny_city: TinyCity, story: Story):
    evening = story.evenings[FIRST]
    assert evening.summary.schools == {"in": len(ROLLS), "unset": 1}
    assert evening.summary.schools_expected == len(ROLLS) + 1
    assert WITHOUT_ROUTE not in evening.statuses
    assert tiny_city.value("select count(*) from marts.fct_enrolment_absence where urn = %s", [WITHOUT_ROUTE]) == 0


@pytest.mark.parametrize("day", NIGHTS)
def test_the_rows_of_a_night_balance(story: Story, day: date):
    summary = story.evenings[day].summary
    assert summary.is_balanced
    used = summary.loaded + summary.unchanged + summary.quarantined_rows + summary.not_used
    # six weeks of marks from those who send files, and the year from those whose day it is
    assert summary.rows_in == used > 30_000


@pytest.mark.parametrize("day", NIGHTS)
def test_the_summary_counts_what_the_load_counted(story: Story, day: date):
    summary, loaded = story.evenings[day].summary, story.evenings[day].loaded
    assert (summary.marks_new, summary.marks_changed, summary.marks_removed, summary.unchanged) == (
        loaded.marks_new,
        loaded.marks_changed,
        loaded.marks_removed,
        loaded.marks_unchanged,
    )


def test_every_published_hop_balances(tiny_city: TinyCity, story: Story):
    hops = tiny_city.rows("select hop, count(*), bool_and(is_ok) from ops.recon where night = %s group by hop", [LAST])
    assert {hop for hop, *_ in hops} == {
        "file to canonical",
        "canonical to register",
        "register to marts",
        "schools to city",
    }
    assert all(count > 0 and is_ok for _, count, is_ok in hops)


def test_the_sessions_of_a_silent_school_are_unknown_neither_present_nor_absent(story: Story):
    before, after = story.evenings[CORRECTED].silent_school, story.evenings[LAST].silent_school
    assert (after.possible, after.attended, after.absent) == (before.possible, before.attended, before.absent)
    assert after.expected - before.expected == after.unknown - before.unknown > 2 * 0.9 * ROLLS[SILENT]


def test_a_silent_school_lowers_coverage_and_not_the_rate_of_the_others(tiny_city: TinyCity, story: Story):
    coverage, status = tiny_city.rows(
        "select coverage_rate, status from marts.fct_data_quality where urn = %s and night = %s", [SILENT, LAST]
    )[0]
    assert (coverage, status) == (0, "silent")
    schools_in, expected, city_coverage = tiny_city.rows(
        "select schools_in, schools_expected, coverage_rate from marts.agg_city_absence where period_type = 'year'"
    )[0]
    assert schools_in < expected == len(ROLLS) + 1
    assert city_coverage < 1
    assert "100.0 % of expected sessions known" not in story.evenings[LAST].report


def test_the_same_night_again_changes_no_row_no_version_and_no_mart(story: Story):
    assert story.repeated is not None
    first, again = story.evenings[LAST], story.repeated
    assert (again.loaded.marks_new, again.loaded.marks_changed, again.loaded.marks_removed) == (0, 0, 0)
    assert again.versions == first.versions
    assert again.hashes == first.hashes
    assert again.statuses == first.statuses
    assert (again.summary.rows_in, again.summary.is_balanced) == (first.summary.rows_in, True)


def corrected(story: Story, case: str) -> tuple[Planted, Planted]:
    """The child the evening before the correction and the evening of it."""
    before: Evening = story.evenings[FIRST]
    return before.planted[case], story.evenings[CORRECTED].planted[case]


def test_a_correction_five_weeks_late_makes_a_child_persistent_that_night(story: Story):
    before, after = corrected(story, "not_taken_to_illness")
    assert (before.is_persistent, after.is_persistent) == (False, True)
    assert 10 * before.absent < before.possible
    assert 10 * after.absent >= after.possible


def test_a_correction_five_weeks_late_takes_the_flag_from_a_child_that_night(story: Story):
    before, after = corrected(story, "unexplained_to_present")
    assert (before.is_persistent, after.is_persistent) == (True, False)


def test_a_reason_given_five_weeks_late_takes_the_session_out_of_unauthorised(story: Story):
    before, after = corrected(story, "unexplained_to_illness")
    assert (before.unauthorised, after.unauthorised) == (10, 9)
    assert before.absent == after.absent


def test_figures_rebuilt_as_known_before_the_corrections_are_those_published_then(story: Story):
    assert story.as_known_planted == story.evenings[FIRST].planted
    assert story.as_known_planted != story.evenings[LAST].planted
    published = story.evenings[FIRST].hashes
    assert story.as_known_hashes == {name: published[f"marts.{name}"] for name in AS_KNOWN}


def test_an_as_known_rebuild_touches_nothing_that_is_published(story: Story):
    assert story.repeated is not None
    assert story.hashes_after_as_known == story.repeated.hashes


def test_no_session_ever_has_two_current_marks_and_no_version_ends_before_it_begins(tiny_city: TinyCity, story: Story):
    assert (
        tiny_city.value(
            "select count(*) from (select 1 from register.mark where is_current"
            " group by enrolment_id, session_date, half having count(*) > 1) as twice"
        )
        == 0
    )
    gaps = tiny_city.value(
        """
        select count(*) from (
            select known_to, lead(known_from) over (
                partition by enrolment_id, session_date, half order by known_from) as next_from
            from register.mark
        ) as versions
        where next_from < known_to
        """
    )
    assert gaps == 0
    assert tiny_city.value("select count(*) from register.mark where not is_current") > 10
