"""The reconciliation of a night: file to register (written by the load), register to marts, schools to city."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rollcall.errors import AuditFailed
from rollcall.extract import Night
from rollcall.warehouse.connect import Connection

# One independent scan of the register: which marks count is decided here from the code list alone, by school, without
# any of dbt's steps in between. A table of its own, because a statement that writes elsewhere may not scan in parallel.
_MARKS_IN_REGISTER: Final = """
    create temp table audited_marks on commit drop as
    select enrolment_id, code, count(*) as sessions
    from register.mark
    where is_current and code is not null and session_date between %(first_day)s and %(night)s
    group by enrolment_id, code
"""
_REGISTER_TO_MARTS: Final = """
    insert into ops.recon (night, urn, hop, metric, left_value, right_value, is_ok)
    with
    counted as (
        select
            enrolment.urn,
            sum(audited_marks.sessions) filter (where codes.is_possible) as possible,
            sum(audited_marks.sessions) filter (where codes.is_absence) as absent
        from audited_marks
        inner join reference.attendance_codes as codes on audited_marks.code = codes.code
        inner join register.enrolment on audited_marks.enrolment_id = enrolment.enrolment_id and enrolment.is_current
        group by enrolment.urn
    ),

    in_marts as (
        select urn, sum(sessions_possible) as possible, sum(sessions_absent) as absent
        from {schema}.fct_enrolment_absence
        where period_type = 'year' and academic_year = %(academic_year)s
        group by urn
    ),

    pairs as (
        select
            coalesce(counted.urn, in_marts.urn) as urn, metric, left_value, right_value
        from counted
        full outer join in_marts on counted.urn = in_marts.urn
        cross join lateral (values
            ('possible', coalesce(counted.possible, 0), coalesce(in_marts.possible, 0)),
            ('absent', coalesce(counted.absent, 0), coalesce(in_marts.absent, 0))
        ) as metrics (metric, left_value, right_value)
    )

    select %(night)s, urn, 'register to marts', metric, left_value, right_value, left_value = right_value
    from pairs
    on conflict (night, urn, hop, metric) do update set
        left_value = excluded.left_value, right_value = excluded.right_value, is_ok = excluded.is_ok
"""
_SCHOOLS_TO_CITY: Final = """
    insert into ops.recon (night, urn, hop, metric, left_value, right_value, is_ok)
    select %(night)s, 0, 'schools to city', metric, left_value, right_value, left_value = right_value
    from (
        select sum(sessions_possible) as possible, sum(sessions_absent) as absent
        from {schema}.agg_school_absence where period_type = 'year' and academic_year = %(academic_year)s
    ) as schools
    cross join (
        select sum(sessions_possible) as possible, sum(sessions_absent) as absent
        from {schema}.agg_city_absence where period_type = 'year' and academic_year = %(academic_year)s
    ) as city
    cross join lateral (values
        ('possible', schools.possible, city.possible), ('absent', schools.absent, city.absent)
    ) as metrics (metric, left_value, right_value)
    on conflict (night, urn, hop, metric) do update set
        left_value = excluded.left_value, right_value = excluded.right_value, is_ok = excluded.is_ok
"""
_HEADLINE: Final = """
    select
        sessions_expected, sessions_known, sessions_possible, sessions_absent, schools_in, schools_expected, enrolments,
        enrolments_persistently_absent, enrolments_severely_absent
    from {schema}.agg_city_absence
    where period_type = 'year' and academic_year = %(academic_year)s
"""


@dataclass(frozen=True)
class AuditReport:
    """The audit of a night: hops compared, the city's headline counts, and how far they moved since last published."""

    hops: int
    figures: dict[str, int]
    moved: dict[str, int]


def audit_night(
    connection: Connection, night: Night, academic_year: str, *, schema: str = "marts_build"
) -> AuditReport:
    """Compare every hop of a night's data and write the pairs to ``ops.recon``.

    Raises ``AuditFailed`` naming schools and metrics that do not balance, after the pairs were committed.
    """
    first = connection.execute(
        "select first_day from city.period where period_type = 'year' and academic_year = %s", [academic_year]
    ).fetchone()
    if first is None:
        raise AuditFailed(f"Academic year {academic_year} has no period in schema city.")
    values = {"night": night.date, "first_day": first[0], "academic_year": academic_year}
    connection.execute("set local work_mem = '256MB'")
    for statement in (_MARKS_IN_REGISTER, _REGISTER_TO_MARTS, _SCHOOLS_TO_CITY):
        connection.execute(statement.replace("{schema}", schema), values)
    connection.commit()
    rows = connection.execute(
        "select urn, hop, metric, left_value, right_value, is_ok from ops.recon where night = %s order by urn",
        [night.date],
    ).fetchall()
    broken = [
        f"{hop}, {metric}, school {urn}: {left} against {right}" for urn, hop, metric, left, right, ok in rows if not ok
    ]
    if broken:
        raise AuditFailed(f"{len(broken)} of {len(rows)} hops do not balance: " + "; ".join(broken[:5]))
    figures = headline(connection, academic_year, schema)
    if not figures.get("sessions_possible"):
        raise AuditFailed("The new marts hold no possible session at all.")
    return AuditReport(len(rows), figures, movement(connection, figures))


def headline(connection: Connection, academic_year: str, schema: str) -> dict[str, int]:
    """The city's counts for the year to date from one set of marts."""
    cursor = connection.execute(_HEADLINE.replace("{schema}", schema), {"academic_year": academic_year})
    row, names = cursor.fetchone(), [column.name for column in cursor.description or []]
    return {name: int(value or 0) for name, value in zip(names, row or [Decimal(0)] * len(names), strict=True)}


def movement(connection: Connection, figures: dict[str, int]) -> dict[str, int]:
    """Each headline count less the published one; empty where nothing was ever published."""
    row = connection.execute("select figures from ops.publication where is_current").fetchone()
    if row is None:
        return {}
    return {name: value - int(row[0].get(name, 0)) for name, value in figures.items()}
