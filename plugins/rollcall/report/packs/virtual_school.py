"""The Virtual School's pack: children looked after or with a social worker, and what changed for them."""

from __future__ import annotations

from typing import Final

from rollcall.city import City
from rollcall.report.packs.lists import CHILD, IN_SCOPE, SCHOOL, Scope, coverage_of
from rollcall.report.packs.pack import Column, Pack, Sheet, children, rate
from rollcall.report.reading import Reader, Row

_CHILDREN: Final = f"""
    select
        children.*, pupils.nc_year, schools.school_name,
        coalesce(children.sessions_possible, 0) as year_possible,
        coalesce(children.sessions_absent, 0) as year_absent,
        coalesce(sheet.rolling_sessions_possible, 0) as recent_possible,
        coalesce(sheet.rolling_sessions_absent, 0) as recent_absent,
        coalesce(sheet.sessions_unknown, 0) as sessions_unknown,
        sheet.social_worker, sheet.part_time_review_date, sheet.is_part_time_review_overdue,
        case when children.is_severely_absent then 'severe' when children.is_persistently_absent then 'persistent' end
            as band
    from serve.rpt_virtual_school as children
    inner join serve.fct_plan_sheet as sheet on children.person_id = sheet.person_id
    left join serve.dim_schools as schools on children.urn = schools.urn
    left join serve.dim_pupils as pupils on children.person_id = pupils.person_id
    where {IN_SCOPE} and (%(worker)s::text is null or sheet.social_worker = %(worker)s)
    order by children.absence_rate desc nulls last, children.person_id
"""  # the condition is a constant of ours
_COLUMNS: Final = (
    *CHILD,
    *SCHOOL,
    Column("all_plans", "All plans"),
    Column("responsible_la", "Responsible authority"),
    Column("home_la", "Home authority"),
    Column("is_on_roll", "On roll", "yes"),
    Column("year_absent", "Absent sessions, year", "count"),
    Column("year_possible", "Possible sessions, year", "count"),
    rate("year_rate", "Absence %, year", "year_absent", "year_possible"),
    rate("recent_rate", "Absence %, last weeks", "recent_absent", "recent_possible"),
    Column("band", "Persistent or severe"),
    Column("sessions_unknown", "Unknown sessions", "count"),
    Column("has_part_time_plan", "Part-time plan", "yes"),
    Column("part_time_review_date", "Part-time review", "day"),
    Column("last_contact_date", "Last contact", "day"),
    Column("next_meeting_date", "Next meeting", "day"),
    Column("is_meeting_overdue", "Meeting overdue", "yes"),
)
_MOVED: Final = (
    *CHILD,
    *SCHOOL,
    Column("all_plans", "All plans"),
    Column("band_before", "Band before"),
    Column("band_now", "Band now"),
    Column("is_worse", "Worse", "yes"),
    Column("year_absent", "Absent sessions, year", "count"),
    Column("year_possible", "Possible sessions, year", "count"),
    rate("year_rate", "Absence %, year", "year_absent", "year_possible"),
)


def virtual_school_pack(reader: Reader, city: City, scope: Scope) -> Pack:
    """Children looked after, children in need or on a protection plan, and who moved between bands since the last set."""
    rows = reader.rows(_CHILDREN, **scope.values())
    looked_after = [row for row in rows if row["is_looked_after"]]
    others = [row for row in rows if not row["is_looked_after"]]
    moved = [row for row in rows if row["band_now"] is not None]
    worse = sum(bool(row["is_worse"]) for row in moved)
    note = "Highest absence first. Persistent and severe: 10 %, 50 % or more of the child’s possible sessions missed."
    sheets = [
        Sheet("looked-after", "Looked after", _heading("looked after", looked_after), note, _COLUMNS, looked_after),
        Sheet(
            "social-worker",
            "With a social worker",
            _heading("in need or on a protection plan", others),
            note,
            _COLUMNS,
            others,
        ),
        Sheet(
            "moved",
            "Moved between bands",
            f"{children(len(moved))} moved between bands since the set published before, {worse:,} to a higher one",
            "Only children of the two lists before, whose band of absence differs from the set published before.",
            _MOVED,
            moved,
        ),
    ]
    return Pack(
        "virtual-school",
        "Virtual School: children looked after or with a social worker",
        scope.words(city),
        scope.slug,
        "The Virtual School Head and the Virtual School’s team",
        reader.published,
        coverage_of(reader, scope, city),
        sheets,
    )


def _heading(kind: str, rows: list[Row]) -> str:
    persistent = sum(row["band"] is not None for row in rows)
    overdue = sum(bool(row["is_meeting_overdue"]) for row in rows)
    return f"{children(len(rows))} {kind}: {persistent:,} persistently absent, the meeting of {overdue:,} is overdue"
