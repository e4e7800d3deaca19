"""The school's side of the meeting's pack: actions agreed, weeks beside the phase, patterns."""

from __future__ import annotations

from datetime import date
from typing import Final

from rollcall.city import Period, School
from rollcall.report.packs.pack import Column, Sheet, counted, rate
from rollcall.report.packs.trend import weeks_chart
from rollcall.report.reading import Reader, Row
from rollcall.report.words import day_text

_MEETINGS: Final = "select * from serve.fct_support_meetings where urn = %(urn)s order by meeting_date desc"
_ACTIONS: Final = """
    select actions.*, pupils.nc_year
    from serve.fct_meeting_actions as actions
    inner join serve.fct_support_meetings as meetings
        on actions.urn = meetings.urn and actions.meeting_date = meetings.meeting_date
    left join serve.dim_pupils as pupils on actions.person_id = pupils.person_id
    where actions.urn = %(urn)s and meetings.is_latest = %(is_latest)s
        and (meetings.is_latest or actions.action_status <> 'done')
    order by actions.due_date, actions.reference
"""
_ACTION_COLUMNS: Final = (
    Column("reference", "Action"),
    Column("person_id", "Child"),
    Column("nc_year", "Year"),
    Column("what", "What was agreed"),
    Column("owner", "Who"),
    Column("meeting_date", "Agreed", "day"),
    Column("due_date", "Due", "day"),
    Column("done_date", "Done", "day"),
    Column("action_status", "Now"),
)
_WEEKS: Final = """
    select
        school.first_week, school.sessions_absent, school.sessions_possible, school.sessions_authorised,
        school.sessions_unauthorised, school.sessions_known, school.sessions_expected, school.is_settled,
        phase.sessions_absent as phase_absent, phase.sessions_possible as phase_possible
    from serve.agg_school_absence as school
    inner join serve.agg_phase_absence as phase
        on school.dfe_phase = phase.dfe_phase and school.academic_year = phase.academic_year
        and school.period_type = phase.period_type and school.period_name = phase.period_name
    where school.urn = %(urn)s and school.academic_year = %(year)s and school.period_type = 'week'
        and school.sessions_possible > 0 and school.first_week <= %(last_day)s
    order by school.first_week
"""
_WEEK_COLUMNS: Final = (
    Column("first_week", "Week of", "day"),
    Column("sessions_absent", "Absent sessions", "count"),
    Column("sessions_possible", "Possible sessions", "count"),
    rate("rate", "Absence %"),
    rate("authorised", "Authorised %", "sessions_authorised"),
    rate("unauthorised", "Unauthorised %", "sessions_unauthorised"),
    Column("known", "Sessions known %", "rate", "sessions_known", "sessions_expected", is_coverage=True),
    rate("phase", "Phase absence %", "phase_absent", "phase_possible"),
    Column("is_settled", "Settled", "yes"),
)
_DAYS: Final = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays")
_PATTERNS: Final = """
    select patterns.*, patterns.urn = %(urn)s as is_own
    from serve.agg_school_patterns as patterns
    inner join serve.dim_schools as schools on patterns.urn = schools.urn
    where patterns.academic_year = %(year)s
        and schools.dfe_phase = (select dfe_phase from serve.dim_schools where urn = %(urn)s)
"""
_POSSIBLE: Final = ("mornings_possible", "afternoons_possible")
# label, parts, wholes: sums of columns of the mart
_LINES: Final = (
    *[(f"{day.capitalize()}: days absent", (f"{day}_absent",), (f"{day}_possible",)) for day in _DAYS],
    ("Days beside a break: days absent", ("break_days_absent",), ("break_days_possible",)),
    ("Mornings: sessions absent", ("mornings_absent",), ("mornings_possible",)),
    ("Afternoons: sessions absent", ("afternoons_absent",), ("afternoons_possible",)),
    ("First ten days of the year: sessions absent", ("first_ten_days_absent",), ("first_ten_days_possible",)),
    ("Late before the register closed (L), of attended", ("sessions_late_before",), ("sessions_attended",)),
    ("Late after it closed (U)", ("sessions_late_after",), _POSSIBLE),
    ("Illness (I)", ("sessions_ill",), _POSSIBLE),
    ("Holiday not granted (G)", ("sessions_holiday",), _POSSIBLE),
    ("No reason yet (N)", ("sessions_pending",), _POSSIBLE),
    ("Other unauthorised (O, U)", ("sessions_other_unauthorised",), _POSSIBLE),
    ("Other authorised", ("sessions_other_authorised",), _POSSIBLE),
)
_PATTERN_COLUMNS: Final = (
    Column("what", "Pattern or reason"),
    Column("part", "School", "count"),
    Column("whole", "of possible", "count"),
    Column("own", "School, per 1,000", "rate", "part", "whole", 1000),
    Column("phase", "Phase, per 1,000", "rate", "phase_part", "phase_whole", 1000),
)


def meeting_sheets(reader: Reader, urn: int) -> tuple[list[Row], Sheet, Sheet]:
    """The meetings held, newest first; the actions of the newest one; actions of earlier ones that are not done."""
    meetings = reader.rows(_MEETINGS, urn=urn)
    found = [
        [
            {
                **row,
                "what": row["action"].replace("_", " "),
                "owner": (row["owner_role"] or "not said").replace("_", " "),
            }
            for row in reader.rows(_ACTIONS, urn=urn, is_latest=is_latest)
        ]
        for is_latest in (True, False)
    ]
    done = sum(row["action_status"] == "done" for row in found[0])
    overdue = sum(row["action_status"] == "overdue" for row in found[0])
    day = f" of {day_text(meetings[0]['meeting_date'])}" if meetings else ""
    return (
        meetings,
        Sheet(
            "actions",
            "Actions of last time",
            f"Last time{day}: {counted(len(found[0]), 'action')} agreed, {done} done, {overdue} overdue",
            "From the council's feed of meetings. Without a child: about the school. Overdue: due before the night.",
            _ACTION_COLUMNS,
            found[0],
        ),
        Sheet(
            "earlier",
            "Older actions not done",
            f"{counted(len(found[1]), 'action')} of earlier meetings not done",
            "Of every meeting before the last one.",
            _ACTION_COLUMNS,
            found[1],
        ),
    )


def week_sheet(reader: Reader, urn: int, period: Period, school: School) -> Sheet:
    """Absence by week to the term's end, beside the phase."""
    rows = reader.rows(_WEEKS, urn=urn, last_day=period.last_day)
    own = _percent(rows, "sessions_absent", "sessions_possible")
    phase = _percent(rows, "phase_absent", "phase_possible")
    heading = f"Absence to the term’s end is {own:.1f} % of possible sessions, {phase:.1f} % in the phase"
    return Sheet(
        "weeks",
        "Weeks",
        heading,
        "All ages, authorised and not. Phase: every school of the city of the same phase, this one among them.",
        _WEEK_COLUMNS,
        rows,
        has_children=False,
        chart=weeks_chart(school.name, _series(rows, "sessions"), _series(rows, "phase"), heading) if rows else None,
    )


def pattern_sheet(reader: Reader, urn: int, school: School) -> Sheet:
    """Weekdays, breaks, lateness and reasons of the year to date, for every 1,000, beside the phase."""
    found = reader.rows(_PATTERNS, urn=urn)
    own = [row for row in found if row["is_own"]]
    rows: list[Row] = [
        {
            "key": what,
            "what": what,
            "part": _sum(own, parts),
            "whole": _sum(own, wholes),
            "phase_part": _sum(found, parts),
            "phase_whole": _sum(found, wholes),
        }
        for what, parts, wholes in _LINES
    ]
    days = [row for row in rows[: len(_DAYS)] if row["whole"]]
    most = max(days, key=lambda row: row["part"] / row["whole"]) if days else None
    name = str(most["what"]).split("s:")[0] if most else ""
    heading = f"{name} is the weekday missed most often" if name else f"No pattern is known of {school.name} yet"
    return Sheet(
        "patterns",
        "Patterns and reasons",
        heading,
        "Year to date, for every 1,000 possible days or sessions, lateness before close for every 1,000 attended ones."
        " A difference is a question to ask, no finding.",
        _PATTERN_COLUMNS,
        rows,
        has_children=False,
    )


def _sum(rows: list[Row], names: tuple[str, ...]) -> int:
    return sum(int(row[name] or 0) for row in rows for name in names)


def _percent(rows: list[Row], part: str, whole: str) -> float:
    possible = sum(row[whole] for row in rows)
    return 100 * sum(row[part] for row in rows) / possible if possible else 0.0


def _series(rows: list[Row], who: str) -> list[tuple[date, float | None]]:
    return [
        (row["first_week"], 100 * row[f"{who}_absent"] / row[f"{who}_possible"] if row[f"{who}_possible"] else None)
        for row in rows
    ]
