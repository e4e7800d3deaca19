"""Plan sheets: one row per child with a plan, for the meeting where the plan is reviewed."""

from __future__ import annotations

from typing import Final

from rollcall.city import City
from rollcall.report.packs.lists import CHILD, IN_SCOPE, SCHOOL, Scope, coverage_of
from rollcall.report.packs.pack import Column, Pack, Sheet, children, rate
from rollcall.report.reading import Reader, Row

STATUSES: Final = {
    "lac": "Looked after",
    "cp": "Protection plan",
    "cin": "In need",
    "taf": "Team around family",
}
_PLANS: Final = f"""
    select
        sheet.*, pupils.nc_year, schools.school_name,
        coalesce(sheet.rolling_sessions_possible, 0) as recent_possible,
        coalesce(sheet.rolling_sessions_absent, 0) as recent_absent,
        coalesce(sheet.sessions_possible, 0) as year_possible,
        coalesce(sheet.sessions_absent, 0) as year_absent,
        case when sheet.is_severely_absent then 'severe' when sheet.is_persistently_absent then 'persistent' end as band
    from serve.fct_plan_sheet as sheet
    left join serve.dim_schools as schools on sheet.urn = schools.urn
    left join serve.dim_pupils as pupils on sheet.person_id = pupils.person_id
    where {IN_SCOPE} and (%(worker)s::text is null or sheet.social_worker = %(worker)s)
    order by sheet.absence_rate desc nulls last, sheet.person_id
"""  # the condition is a constant of ours
COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("is_on_roll", "On roll", "yes"),
    Column("all_plans", "All plans"),
    Column("start_date", "Since", "day"),
    Column("social_worker", "Social worker"),
    Column("team", "Team"),
    Column("year_absent", "Absent sessions, year", "count"),
    Column("year_possible", "Possible sessions, year", "count"),
    rate("year_rate", "Absence %, year", "year_absent", "year_possible"),
    Column("band", "Persistent or severe"),
    rate("recent_rate", "Absence %, last weeks", "recent_absent", "recent_possible"),
    Column("sessions_unknown", "Unknown sessions", "count"),
    Column("has_part_time_plan", "Part-time plan", "yes"),
    Column("part_time_review_date", "Part-time review", "day"),
    Column("is_part_time_review_overdue", "Review overdue", "yes"),
    Column("sessions_without_plan", "C2 sessions without plan", "count"),
    Column("last_contact_date", "Last contact", "day"),
    Column("next_meeting_date", "Next meeting", "day"),
    Column("is_meeting_overdue", "Meeting overdue", "yes"),
)


def plans_pack(reader: Reader, city: City, scope: Scope) -> Pack:
    """One list for each kind of plan, the highest absence first. A child with several plans is on the first list only."""
    rows = reader.rows(_PLANS, **scope.values())
    sheets = [_sheet(status, [row for row in rows if row["plan_status"] == status]) for status in STATUSES]
    return Pack(
        "plans",
        "Plan sheets: children with a plan",
        scope.words(city),
        scope.slug,
        "Social workers and lead practitioners for the review meeting; link officers",
        reader.published,
        coverage_of(reader, scope, city),
        sheets,
    )


def _sheet(status: str, rows: list[Row]) -> Sheet:
    persistent = sum(row["band"] is not None for row in rows)
    severe = sum(row["band"] == "severe" for row in rows)
    name = STATUSES[status]
    return Sheet(
        f"plans-{status}",
        name,
        f"{name}: {children(len(rows))}, {persistent:,} persistently absent, {severe:,} of them severely",
        f"Children whose first plan is {status.upper()} on the night, all schools together, highest absence first."
        " Persistent: absent for 10 % or more of their possible sessions this year; severe: 50 % or more. Part-time"
        " sessions are absence. No figure: no enrolment with a known session.",
        COLUMNS,
        rows,
    )
