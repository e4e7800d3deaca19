"""What the release of a held extract would make of the school's figures: loaded as if confirmed, counted, undone."""

from __future__ import annotations

from datetime import date
from typing import Final

import psycopg

from rollcall.city import City
from rollcall.load.extracts import Accepted, load_extract
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.schema.ops import RELEASE_MEASURES

_FIGURES: Final = """
    with
    stays as (
        select enrolment_id, leaving_date from register.enrolment where urn = %(urn)s and is_current
    ),

    counted as (
        select
            stays.enrolment_id,
            count(*) filter (where codes.is_possible) as possible,
            count(*) filter (where codes.is_absence) as absent
        from stays
        inner join register.mark
            on stays.enrolment_id = mark.enrolment_id and mark.is_current
            and mark.session_date between %(first_day)s and %(night)s
        inner join reference.attendance_codes as codes on mark.code = codes.code
        group by stays.enrolment_id
    )

    select
        (select count(*) from stays where coalesce(leaving_date, 'infinity') >= %(night)s),
        coalesce(sum(possible), 0),
        coalesce(sum(absent), 0),
        count(*) filter (where possible > 0),
        count(*) filter (where possible > 0 and 100 * absent >= %(persistent)s * possible),
        count(*) filter (where possible > 0 and 100 * absent >= %(severe)s * possible)
    from counted
"""


def effect_of_release(connection: Connection, city: City, accepted: Accepted) -> dict[str, tuple[int, int]]:
    """Each measure of ``RELEASE_MEASURES`` as it is and as it would be; nothing is kept (as the publisher).

    The figures are the register's own, counted by the marts' definitions: an enrolment is persistent from
    ``persistent_absence_pct`` of its own possible sessions on. Raises ``WriterBusy`` where another run is writing.
    """
    extract = accepted.extract
    before = _figures(connection, city, extract.urn, extract.night)
    with connection.transaction():
        load_extract(connection, city, accepted, release=True)
        after = _figures(connection, city, extract.urn, extract.night)
        raise psycopg.Rollback
    return {name: (before[name], after[name]) for name in RELEASE_MEASURES}


def keep_effect(connection: Connection, urn: int, night: date, effect: dict[str, tuple[int, int]]) -> None:
    """Keep the effect beside the school's line of the night, for the operator's page."""
    for measure, (now, then) in effect.items():
        connection.execute(
            "insert into ops.release_effect (night, urn, measure, value_now, value_then) values (%s, %s, %s, %s, %s)"
            " on conflict (night, urn, measure) do update"
            " set value_now = excluded.value_now, value_then = excluded.value_then",
            [night, urn, measure, now, then],
        )


def _figures(connection: Connection, city: City, urn: int, night: date) -> dict[str, int]:
    row = connection.execute(
        _FIGURES,
        {
            "urn": urn,
            "night": night,
            "first_day": city.academic_year_of(night).first_day,
            "persistent": int(city.threshold("persistent_absence_pct")),
            "severe": int(city.threshold("severe_absence_pct")),
        },
    ).fetchone()
    return dict(zip(RELEASE_MEASURES, (int(value) for value in row or (0,) * len(RELEASE_MEASURES)), strict=True))
