"""The children of the meeting's pack: severe, persistent, close to the threshold, early signal, part-time."""

from __future__ import annotations

from typing import Final

from rollcall.report.packs.pack import Column, Sheet, children, rate
from rollcall.report.reading import Reader, Row

NEAR_SESSIONS: Final = 10
"""House rule: five school days or fewer of further absence from being persistent."""
RAISED: Final = 4
"""The lowest band of the early signal that the pack shows: raised, likely."""
_ABSENTEES: Final = """
    select
        list.*, recovery.attendances_to_recover, recovery.is_recoverable_by_year_end,
        recovery.further_absences_to_severe, sheet.all_plans, patterns.patterns
    from serve.rpt_persistent_absentees as list
    left join serve.fct_sessions_to_threshold as recovery on list.person_id = recovery.person_id
    left join serve.fct_plan_sheet as sheet on list.person_id = sheet.person_id
    left join serve.fct_absence_patterns as patterns
        on list.enrolment_id = patterns.enrolment_id and list.academic_year = patterns.academic_year
    where list.urn = %(urn)s and list.academic_year = %(year)s
    order by list.absence_rate desc, list.person_id
"""
_NEAR: Final = """
    select list.*, pupils.nc_year, sheet.all_plans
    from serve.fct_sessions_to_threshold as list
    left join serve.dim_pupils as pupils on list.person_id = pupils.person_id
    left join serve.fct_plan_sheet as sheet on list.person_id = sheet.person_id
    where list.urn = %(urn)s and not list.is_persistently_absent
        and list.further_absences_to_persistent between 1 and %(most)s
    order by list.further_absences_to_persistent, list.person_id
"""
_EARLY: Final = """
    select list.*, pupils.nc_year
    from serve.fct_early_signal as list
    left join serve.dim_pupils as pupils on list.person_id = pupils.person_id
    where list.urn = %(urn)s and list.band_no >= %(band)s
    order by list.points desc, list.person_id
"""
_PART_TIME: Final = """
    select list.*, pupils.nc_year
    from serve.fct_part_time as list
    left join serve.dim_pupils as pupils on list.person_id = pupils.person_id
    where list.urn = %(urn)s
    order by list.is_review_overdue desc, list.has_open_plan desc, list.sessions_part_time desc, list.person_id
"""
_CHILD: Final = (Column("person_id", "Child"), Column("nc_year", "Year"))
_FIGURES: Final = (
    Column("sessions_absent", "Absent sessions", "count"),
    Column("sessions_possible", "Possible sessions", "count"),
)
_ABSENTEE_COLUMNS: Final = (
    *_CHILD,
    Column("registration_group", "Group"),
    *_FIGURES,
    rate("rate", "Absence %"),
    Column("sessions_unauthorised", "Unauthorised", "count"),
    Column("sessions_part_time", "Part-time (C2)", "count"),
    Column("sessions_unknown", "Unknown", "count"),
    rate("at_school", "Absence %, this school", "school_sessions_absent", "school_sessions_possible"),
    Column("all_plans", "Plans"),
    Column("patterns", "Pattern"),
    Column("attendances_to_recover", "Attendances to fall below 10 %", "count"),
    Column("is_recoverable_by_year_end", "Can recover this year", "yes"),
)
_NEAR_COLUMNS: Final = (
    *_CHILD,
    *_FIGURES,
    rate("rate", "Absence %"),
    Column("further_absences_to_persistent", "Missed sessions to threshold", "count"),
    Column("sessions_left_half_term", "Sessions left, half term", "count"),
    Column("sessions_left_year", "Sessions left, year", "count"),
    Column("absences_affordable_year", "May still miss, year", "count"),
    Column("all_plans", "Plans"),
)
_EARLY_COLUMNS: Final = (
    *_CHILD,
    *_FIGURES,
    rate("rate", "Absence %"),
    Column("points", "Points", "count"),
    Column("band", "Band"),
    Column("precision_text", "Of such children became persistent, of 100"),
    Column("baseline_text", "By rate alone, of 100"),
    Column("base_rate_text", "Of all children, of 100"),
    Column("children_scored_in_band", "Examples", "count"),
    Column("sessions_to_spare", "Sessions to spare", "count"),
)
_PART_TIME_COLUMNS: Final = (
    *_CHILD,
    Column("has_open_plan", "Plan open", "yes"),
    Column("start_date", "Plan from", "day"),
    Column("expected_end_date", "Agreed to", "day"),
    Column("review_date", "Review", "day"),
    Column("is_review_overdue", "Review overdue", "yes"),
    Column("weekly_sessions", "Sessions a week", "count"),
    Column("sessions_part_time", "C2 sessions", "count"),
    Column("sessions_without_plan", "without a plan", "count"),
    Column("sessions_past_review", "past the review", "count"),
    Column("sessions_past_end", "past the end", "count"),
)


def children_sheets(reader: Reader, urn: int) -> list[Sheet]:
    """The five lists of a school's children on the published night."""
    absentees = reader.rows(_ABSENTEES, urn=urn)
    severe = [row for row in absentees if row["is_severely_absent"]]
    persistent = [row for row in absentees if not row["is_severely_absent"]]
    near = reader.rows(_NEAR, urn=urn, most=NEAR_SESSIONS)
    early = [_with_quality(row) for row in reader.rows(_EARLY, urn=urn, band=RAISED)]
    part_time = reader.rows(_PART_TIME, urn=urn)
    overdue = sum(bool(row["is_review_overdue"]) for row in part_time)
    can = sum(bool(row["is_recoverable_by_year_end"]) for row in persistent)
    return [
        Sheet(
            "severe",
            "Severe absence",
            f"{children(len(severe))} absent for 50 % or more of their possible sessions",
            "All schools of the child in the year; beside it this school’s own sessions. Highest absence first.",
            _ABSENTEE_COLUMNS,
            severe,
        ),
        Sheet(
            "persistent",
            "Persistent absence",
            f"{children(len(persistent))} absent for 10 % or more and less than 50 %; {can} can still recover this year",
            "Recover: fall below 10 % by attending every session of the school that is left in the year.",
            _ABSENTEE_COLUMNS,
            persistent,
        ),
        Sheet(
            "near",
            "Close to the threshold",
            f"{children(len(near))} would be persistently absent after ten more missed sessions or fewer",
            "Missed sessions to threshold: if they came next. May still miss: if all sessions left are possible.",
            _NEAR_COLUMNS,
            near,
        ),
        Sheet(
            "early",
            "Early signal",
            f"{children(len(early))} whose signal is raised or likely",
            "For offering help early; it decides nothing. Beside each band stands how often it came true in the back-test,"
            " and how often ranking by the rate so far alone did. It misses most who become persistent.",
            _EARLY_COLUMNS,
            early,
        ),
        Sheet(
            "part-time",
            "Part-time timetables",
            f"{children(len(part_time))} with a plan or C2 session this year, {overdue} with an overdue review",
            "Each C2 session against the plan that had begun by its day.",
            _PART_TIME_COLUMNS,
            part_time,
        ),
    ]


def _with_quality(row: Row) -> Row:
    names = {"precision_text": "precision", "baseline_text": "baseline"}
    texts = {label: _text(row[f"{name}_in_band_pct"]) for label, name in names.items()}
    return {**row, **texts, "base_rate_text": _text(row["base_rate_pct"])}


def _text(value: object) -> str:
    return "not known" if value is None else str(value)
