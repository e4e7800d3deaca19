"""Statutory work lists: where a threshold of the law is met and a person has to decide or a return has to come."""

from __future__ import annotations

from typing import Final

from rollcall.city import City
from rollcall.report.packs.lists import CHILD, IN_SCOPE, SCHOOL, Scope, coverage_of
from rollcall.report.packs.pack import Column, Pack, Sheet, children, counted
from rollcall.report.reading import Reader, Row

_JOINS: Final = """
    inner join serve.dim_schools as schools on list.urn = schools.urn
    left join serve.dim_pupils as pupils on list.person_id = pupils.person_id
"""
_PENALTY: Final = f"""
    select
        list.*, schools.school_name, schools.link_officer, pupils.nc_year,
        coalesce(notices.notices, 0)::integer as notices, notices.newest_notice
    from serve.fct_penalty_threshold as list {_JOINS}
    left join (
        select person_id, count(*) as notices, max(issued_date) as newest_notice
        from serve.fct_penalty_notices
        where issued_date > (%(night)s::date - interval '3 years')::date
        group by person_id
    ) as notices on list.person_id = notices.person_id
    where list.is_open and {IN_SCOPE}
    order by list.sessions desc, list.reached_date, list.person_id
"""  # the conditions are constants of ours
_CONTINUOUS: Final = f"""
    select list.*, schools.school_name, schools.link_officer, pupils.nc_year, returns.due_date, returns.timeliness
    from serve.fct_continuous_absence as list {_JOINS}
    left join serve.fct_return_timeliness as returns
        on returns.return_type = 'attendance' and list.kind = 'attendance_return'
        and list.enrolment_id = returns.enrolment_id and list.first_date = returns.event_date
    where list.kind = %(kind)s and {IN_SCOPE}
        and (list.is_open or returns.timeliness in ('missing', 'not yet due'))
    order by list.is_open desc, list.school_days desc, list.person_id
"""
_SICKNESS: Final = f"""
    select list.*, schools.school_name, schools.link_officer, pupils.nc_year, returns.due_date, returns.timeliness
    from serve.fct_sickness_returns as list {_JOINS}
    left join serve.fct_return_timeliness as returns
        on returns.return_type = 'sickness'
        and list.enrolment_id = returns.enrolment_id and list.first_date = returns.event_date
    where (list.grounds = 'expected') = %(is_expected)s and {IN_SCOPE}
        and (list.is_open or returns.timeliness in ('missing', 'not yet due'))
    order by list.is_open desc, list.year_sessions_ill desc, list.person_id, list.first_date
"""
_PART_TIME: Final = f"""
    select
        list.*, schools.school_name, schools.link_officer, pupils.nc_year,
        case
            when list.is_review_overdue then 'review overdue'
            when list.sessions_past_end > 0 and not list.has_open_plan then 'C2 after the plan ended'
            when list.sessions_without_plan > 0 then 'C2 without a plan'
            else 'plan open'
        end as question
    from serve.fct_part_time as list {_JOINS}
    where {IN_SCOPE}
        and (list.has_open_plan or list.sessions_without_plan > 0 or list.sessions_past_end > 0)
    order by
        list.is_review_overdue desc, list.has_open_plan desc, list.review_date, list.sessions_past_end desc,
        list.sessions_without_plan desc, list.person_id, list.urn
"""
_NOT_MADE: Final = f"""
    select list.*, schools.school_name, schools.link_officer, pupils.nc_year, %(night)s::date - list.due_date as days_over
    from serve.fct_return_timeliness as list {_JOINS}
    where list.timeliness = 'missing' and {IN_SCOPE}
    order by list.due_date, list.return_type, list.person_id
"""
_PENALTY_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("reached_date", "Reached", "day"),
    Column("first_date", "First session", "day"),
    Column("last_date", "Last session", "day"),
    Column("sessions", "Sessions in 10 weeks", "count"),
    Column("sessions_g", "of them G", "count"),
    Column("sessions_n", "of them N", "count"),
    Column("sessions_o", "of them O", "count"),
    Column("sessions_u", "of them U", "count"),
    Column("is_provisional", "Provisional", "yes"),
    Column("is_across_schools", "Across schools", "yes"),
    Column("is_age_known", "Age known", "yes"),
    Column("sessions_unknown", "Unknown sessions", "count"),
    Column("notices", "Notices, 3 years", "count"),
    Column("newest_notice", "Newest notice", "day"),
)
_RUN: Final = (
    Column("first_date", "From", "day"),
    Column("reached_date", "Reached", "day"),
    Column("last_date", "Last session", "day"),
    Column("school_days", "School days", "count"),
    Column("sessions", "Sessions", "count"),
)
_RETURN: Final = (
    Column("is_open", "Goes on", "yes"),
    Column("due_date", "Return due", "day"),
    Column("timeliness", "Return"),
)
_CONTINUOUS_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    *_RUN,
    Column("is_provisional", "Provisional", "yes"),
    Column("rests_on_unknown", "Rests on unknown", "yes"),
    Column("is_compulsory_age", "Compulsory age", "yes"),
    *_RETURN,
)
_SICKNESS_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("grounds", "Grounds"),
    *_RUN,
    Column("year_sessions_ill", "Sessions ill, year", "count"),
    Column("sessions_ahead", "Sessions ahead", "count"),
    Column("year_sessions_unknown", "Unknown sessions, year", "count"),
    *_RETURN,
)
_PART_TIME_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("question", "Question"),
    Column("has_open_plan", "Plan open", "yes"),
    Column("start_date", "Plan from", "day"),
    Column("expected_end_date", "Agreed to", "day"),
    Column("review_date", "Review", "day"),
    Column("weekly_sessions", "Sessions a week", "count"),
    Column("is_parent_agreed", "Parent agreed", "yes"),
    Column("sessions_part_time", "C2 sessions", "count"),
    Column("sessions_without_plan", "without a plan", "count"),
    Column("sessions_past_review", "past the review", "count"),
    Column("sessions_past_end", "past the end", "count"),
    Column("last_session_date", "Last C2 session", "day"),
)
_NOT_MADE_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("return_kind", "Return"),
    Column("removal_ground", "Ground"),
    Column("event_date", "Event", "day"),
    Column("due_date", "Due", "day"),
    Column("days_over", "Days over", "count"),
)
_RETURNS: Final = {
    "attendance": "attendance, 10 days",
    "sickness": "sickness, 15 days",
    "new_pupil": "new pupil",
    "deletion": "deletion",
}
_GOES_ON: Final = "Where the absence goes on, or the return has not come."


def statutory_pack(reader: Reader, city: City, scope: Scope) -> Pack:
    """Penalty threshold, ten-day returns, ground (i), sickness reached and expected, part-time timetables."""
    values = scope.values()
    penalty = reader.rows(_PENALTY, **values)
    returns = reader.rows(_CONTINUOUS, kind="attendance_return", **values)
    grounds = reader.rows(_CONTINUOUS, kind="deletion_ground", **values)
    reached = reader.rows(_SICKNESS, is_expected=False, **values)
    expected = reader.rows(_SICKNESS, is_expected=True, **values)
    part_time = reader.rows(_PART_TIME, **values)
    not_made = reader.rows(_NOT_MADE, **values)
    not_made = [{**row, "return_kind": _RETURNS[row["return_type"]]} for row in not_made]
    overdue = sum(row["question"] == "review overdue" for row in part_time)
    without = sum(row["question"] == "C2 without a plan" for row in part_time)
    sheets = [
        Sheet(
            "penalty",
            "Penalty threshold",
            f"{children(len(penalty))} at the threshold for a penalty notice in their latest school week",
            "10 or more sessions of G, N, O, U in 10 school weeks, at all schools of the child. The threshold is a reason"
            " to look, support comes first. Provisional: below it without the N whose reason is still open. Notices:"
            " issued in the last three years, to any parent.",
            _PENALTY_COLUMNS,
            penalty,
        ),
        Sheet(
            "ten-day",
            "10-day returns",
            f"{counted(len(returns), 'run')} of 10 continuous school days, {_missing(returns):,} whose return is missing",
            f"10 continuous school days of G, N, O, U at one school. {_GOES_ON}",
            _CONTINUOUS_COLUMNS,
            returns,
        ),
        Sheet(
            "ground-i",
            "Ground (i) may be met",
            f"{counted(len(grounds), 'open run')} of 20 continuous school days",
            "20 continuous school days of G, N, O. Deletion also needs reasons and joint enquiries, in no register.",
            _CONTINUOUS_COLUMNS[:-2],
            grounds,
        ),
        Sheet(
            "sickness",
            "Sickness, 15 days reached",
            f"{counted(len(reached), 'period')} of illness of 15 days, {_missing(reached):,} without their return",
            f"Code I: 15 school days in one period or in the year. {_GOES_ON}",
            _SICKNESS_COLUMNS,
            reached,
        ),
        Sheet(
            "sickness-expected",
            "Sickness, 15 days expected",
            f"{counted(len(expected), 'open period')} of illness on the way to 15 days",
            "Code I: open for five school days or more; at its own pace the year reaches 15. Seldom wrong, sees little.",
            _SICKNESS_COLUMNS,
            expected,
        ),
        Sheet(
            "not-made",
            "Returns not made",
            f"{counted(len(not_made), 'return')} that a register asks for, not here by their due day",
            "Every return of the year that is missing, oldest first: new pupils, deletions, attendance, sickness. Event:"
            " first day of the run, entry or leaving date.",
            _NOT_MADE_COLUMNS,
            not_made,
        ),
        Sheet(
            "part-time",
            "Part-time timetables",
            f"{counted(overdue, 'review')} of part-time timetables overdue; {children(without)} with C2 without a plan",
            "Children with an open plan, or C2 sessions before a plan or after its end. Review overdue first.",
            _PART_TIME_COLUMNS,
            part_time,
        ),
    ]
    return Pack(
        "statutory",
        "Statutory work lists",
        scope.words(city),
        scope.slug,
        "Education welfare and legal officers, who decide; link officers",
        reader.published,
        coverage_of(reader, scope, city),
        sheets,
    )


def _missing(rows: list[Row]) -> int:
    return sum(row["timeliness"] == "missing" for row in rows)
