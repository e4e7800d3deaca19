"""What moved since the last published set, by school, measure and cause; the causes add up to the movement.

======================  ===========================================================================================
cause                   a session whose count changed because
======================  ===========================================================================================
new sessions            it lies after the night published before
earlier night           it lies after the night published now (an earlier night was built again)
roll change             its enrolment was not known before
late school             it was unknown before, and the school's register of that day was not in
late mark               it was unknown before, though the school's register of that day was in
withdrawn mark          it was known before and is not any more
correction              its code is another one
definition or code      of a changed code list, calendar, threshold or version of the code: what no session explains
======================  ===========================================================================================
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple

from rollcall import __version__
from rollcall.audit.digests import Digest, is_input
from rollcall.errors import AuditFailed
from rollcall.extract import Night
from rollcall.warehouse.connect import Connection

MEASURES: Final = ("sessions_possible", "sessions_absent", "sessions_authorised", "sessions_unauthorised")
DEFINITION: Final = "definition or code"

_BY_SESSION: Final = """
    with
    codes as (
        select
            code, is_possible::integer as possible, is_absence::integer as absent,
            (authorisation is not distinct from 'authorised')::integer as authorised,
            (authorisation is not distinct from 'unauthorised')::integer as unauthorised
        from reference.attendance_codes
    ),

    enrolments as (
        select enrolment_id, min(urn) as urn, min(known_from) as first_known
        from register.enrolment where known_from <= %(known_now)s
        group by enrolment_id
    ),

    touched as materialized (
        select touched_week.enrolment_id, touched_week.week_start
        from register.touched_week
        inner join register.extract on touched_week.extract_id = extract.extract_id
        where extract.known_at > %(known_before)s and extract.known_at <= %(known_now)s
        union
        select enrolments.enrolment_id, weeks.week_start::date
        from enrolments
        cross join generate_series(
            date_trunc('week', least(%(night_before)s, %(night_now)s)::timestamp),
            greatest(%(night_before)s, %(night_now)s)::timestamp,
            interval '7 days'
        ) as weeks (week_start)
        where %(night_before)s <> %(night_now)s
    ),

    sessions as (
        select
            touched.enrolment_id,
            versions.session_date,
            max(versions.code) filter (
                where versions.known_from <= %(known_before)s and versions.known_to > %(known_before)s
                    and versions.session_date <= %(night_before)s
            ) as code_before,
            max(versions.code) filter (
                where versions.known_from <= %(known_now)s and versions.known_to > %(known_now)s
                    and versions.session_date <= %(night_now)s
            ) as code_now
        from touched
        cross join lateral (
            select mark.session_date, mark.half, mark.code, mark.known_from, mark.known_to
            from register.mark
            where mark.enrolment_id = touched.enrolment_id
                and mark.session_date between touched.week_start and touched.week_start + 6
                and mark.session_date >= %(first_day)s
                -- what counts at both moments has moved nothing: most of a week
                and not (
                    mark.known_from <= least(%(known_before)s, %(known_now)s)
                    and mark.known_to > greatest(%(known_before)s, %(known_now)s)
                    and mark.session_date <= least(%(night_before)s, %(night_now)s)
                )
            offset 0
        ) as versions
        group by touched.enrolment_id, versions.session_date, versions.half
    ),

    changed as (
        select
            enrolments.urn,
            sessions.session_date,
            enrolments.first_known > %(known_before)s as is_new_enrolment,
            before.code is not null as is_known_before,
            now.code is not null as is_known_now,
            coalesce(now.possible, 0) - coalesce(before.possible, 0) as possible,
            coalesce(now.absent, 0) - coalesce(before.absent, 0) as absent,
            coalesce(now.authorised, 0) - coalesce(before.authorised, 0) as authorised,
            coalesce(now.unauthorised, 0) - coalesce(before.unauthorised, 0) as unauthorised
        from sessions
        inner join enrolments on sessions.enrolment_id = enrolments.enrolment_id
        left join codes as before on sessions.code_before = before.code
        left join codes as now on sessions.code_now = now.code
        where before.code is distinct from now.code
    ),

    nights_in as (
        select distinct on (night, urn) night, urn, status in ('in', 'late') as is_in
        from ops.school_night_version
        where known_at <= %(known_before)s
        order by night, urn, known_at desc
    ),

    caused as (
        select
            changed.*,
            case
                when changed.session_date > %(night_before)s then 'new sessions'
                when changed.session_date > %(night_now)s then 'earlier night'
                when changed.is_new_enrolment then 'roll change'
                when changed.is_known_now and not changed.is_known_before and nights_in.is_in is false
                    then 'late school'
                when changed.is_known_now and not changed.is_known_before then 'late mark'
                when changed.is_known_before and not changed.is_known_now then 'withdrawn mark'
                else 'correction'
            end as cause
        from changed
        left join nights_in on changed.session_date = nights_in.night and changed.urn = nights_in.urn
    ),

    summed as (
        select urn, cause, sum(possible) as possible, sum(absent) as absent, sum(authorised) as authorised,
            sum(unauthorised) as unauthorised
        from caused group by urn, cause
    )

    select urn, measure, cause, change from summed
    cross join lateral (values ('sessions_possible', possible), ('sessions_absent', absent),
        ('sessions_authorised', authorised), ('sessions_unauthorised', unauthorised)) as measures (measure, change)
    where change <> 0
"""
_FIGURES: Final = """
    select urn, measure, value from {schema}.agg_school_absence as schools
    cross join lateral (values
        ('sessions_expected', sessions_expected), ('sessions_known', sessions_known),
        ('sessions_possible', sessions_possible), ('sessions_absent', sessions_absent),
        ('sessions_authorised', sessions_authorised), ('sessions_unauthorised', sessions_unauthorised),
        ('enrolments', enrolments), ('enrolments_persistently_absent', enrolments_persistently_absent),
        ('enrolments_severely_absent', enrolments_severely_absent)
    ) as measures (measure, value)
    where period_type = 'year' and academic_year = %s and value is not null
"""


class Moved(NamedTuple):
    """One cause of one school's movement: ``change`` in sessions."""

    urn: int
    measure: str
    cause: str
    change: int


class Before(NamedTuple):
    """The publication that stands: its night, its moment of knowledge, and what it was made with."""

    publication_id: int
    night: date
    known_at: datetime
    academic_year: str | None
    code_version: str


def school_figures(
    connection: Connection, academic_year: str, schema: str = "marts_build"
) -> dict[tuple[int, str], int]:
    """(URN, measure) -> count of the academic year to date, from one set of marts."""
    rows = connection.execute(_FIGURES.replace("{schema}", schema), [academic_year]).fetchall()
    return {(urn, measure): int(value) for urn, measure, value in rows}


def explain_movement(connection: Connection, night: Night, academic_year: str, digests: list[Digest]) -> list[Moved]:
    """Every cause of every school's movement since the publication that stands; empty where nothing stands of this year.

    Raises ``AuditFailed`` naming the schools where something is left over although code and inputs are the same: then
    the marts count what no session explains.
    """
    before = _before(connection)
    if before is None or before.academic_year != academic_year:
        return []
    moved = [
        Moved(urn, measure, cause, int(change))
        for urn, measure, cause, change in _moved(connection, before, night, academic_year)
    ]
    left = _left_over(connection, before, academic_year, moved)
    if left and not _is_made_otherwise(connection, before, digests):
        first = "; ".join(f"school {item.urn}, {item.measure}: {item.change:+}" for item in left[:5])
        raise AuditFailed(
            f"{len(left)} movements since the last publication are not explained by any session: {first}",
            next_action="Rebuild the marts from nothing (`rollcall build --full-refresh`) and look again.",
        )
    return moved + left


def _before(connection: Connection) -> Before | None:
    row = connection.execute(
        "select publication_id, night, known_at, academic_year, code_version from ops.publication where is_current"
    ).fetchone()
    return Before(*row) if row else None


def _moved(connection: Connection, before: Before, night: Night, academic_year: str) -> list[Any]:
    first = connection.execute(
        "select first_day from city.period where period_type = 'year' and academic_year = %s", [academic_year]
    ).fetchone()
    values = {
        "known_before": before.known_at,
        "known_now": night.known_at,
        "night_before": before.night,
        "night_now": night.date,
        "first_day": first[0] if first else night.date,
    }
    return connection.execute(_BY_SESSION, values).fetchall()


def _left_over(connection: Connection, before: Before, academic_year: str, moved: list[Moved]) -> list[Moved]:
    old = connection.execute(
        "select urn, measure, value from ops.published_figure where publication_id = %s", [before.publication_id]
    ).fetchall()
    left = {key: value for key, value in school_figures(connection, academic_year).items() if key[1] in MEASURES}
    for urn, measure, value in old:
        if measure in MEASURES:
            left[urn, measure] = left.get((urn, measure), 0) - int(value)
    for item in moved:
        left[item.urn, item.measure] = left.get((item.urn, item.measure), 0) - item.change
    return [Moved(urn, measure, DEFINITION, change) for (urn, measure), change in sorted(left.items()) if change]


def _is_made_otherwise(connection: Connection, before: Before, digests: list[Digest]) -> bool:
    rows = connection.execute(
        "select relation, digest from ops.published_mart where publication_id = %s", [before.publication_id]
    ).fetchall()
    then = {relation: int(digest) for relation, digest in rows if is_input(relation)}
    now = {item.relation: item.digest for item in digests if is_input(item.relation)}
    return before.code_version != __version__ or then != now
