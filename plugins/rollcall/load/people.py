"""Pupils and enrolments of one school: identity, attributes, dated statuses and spells on the roll, as versions.

A child who is missing from a complete roll without a leaving date is not forgotten: the enrolment is ended on the last
day that the school had a mark for it, with the reason ``vanished from roll``, so that someone looks for the child.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
from psycopg import sql

from rollcall.load.versions import Knowledge, apply_versions
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.copy import copy_table

IDENTITY: Final = ("urn", "source_pupil_id", "upn", "former_upn", "surname", "forename", "date_of_birth", "postcode")
PUPIL: Final = ("urn", "sex", "birth_month", "ethnicity", "first_language")
ENROLMENT: Final = (
    "pupil_id", "urn", "entry_date", "leaving_date", "leaving_reason", "removal_ground", "destination",
    "destination_urn", "enrolment_status", "is_boarder", "nc_year", "registration_group",
)  # fmt: skip
VANISHED: Final = "vanished from roll"

_STAGE: Final = """
    create temp table stage_enrolment (
        source_pupil_id text, upn text, former_upn text, surname text, forename text, date_of_birth date,
        sex text, nc_year text, registration_group text, entry_date date, leaving_date date, leaving_reason text,
        removal_ground text, destination text, destination_urn integer, enrolment_status text, is_boarder boolean,
        fsm boolean, eal boolean, looked_after boolean, cin boolean, cp boolean, sen text, ethnicity text,
        first_language text, postcode text, pupil_id integer, enrolment_id integer
    ) on commit drop
"""
_PUPIL_KEYS: Final = """
    update stage_enrolment set pupil_id = known.pupil_id
    from identity.pupil as known
    where known.is_current and known.urn = %(urn)s and known.source_pupil_id = stage_enrolment.source_pupil_id;

    with fresh as (
        select source_pupil_id, nextval('register.pupil_id_seq') as pupil_id
        from (
            select distinct source_pupil_id from stage_enrolment where pupil_id is null order by source_pupil_id
        ) as unknown
    )
    update stage_enrolment set pupil_id = fresh.pupil_id from fresh
    where stage_enrolment.source_pupil_id = fresh.source_pupil_id;

    update stage_enrolment set enrolment_id = known.enrolment_id
    from register.enrolment as known
    where known.is_current and known.pupil_id = stage_enrolment.pupil_id
        and known.entry_date = stage_enrolment.entry_date;

    with fresh as (
        select pupil_id, entry_date, nextval('register.enrolment_id_seq') as enrolment_id
        from (
            select pupil_id, entry_date from stage_enrolment where enrolment_id is null order by pupil_id, entry_date
        ) as unknown
    )
    update stage_enrolment set enrolment_id = fresh.enrolment_id from fresh
    where stage_enrolment.pupil_id = fresh.pupil_id and stage_enrolment.entry_date = fresh.entry_date;

    create temp table stage_pupil on commit drop as
    select distinct on (pupil_id)
        *, %(urn)s::integer as urn, date_trunc('month', date_of_birth)::date as birth_month
    from stage_enrolment
    order by pupil_id, entry_date desc;

    analyze stage_pupil;

    alter table stage_enrolment add column urn integer;
    update stage_enrolment set urn = %(urn)s, enrolment_status = coalesce(enrolment_status, 'C');

    create temp table stage_status on commit drop as
    select pupil_id, attribute, value, %(as_at)s::date as effective_from
    from stage_pupil,
    lateral (values
        ('fsm', case fsm when true then 'Y' when false then 'N' end),
        ('eal', case eal when true then 'Y' when false then 'N' end),
        ('looked_after', case looked_after when true then 'Y' when false then 'N' end),
        ('cin', case cin when true then 'Y' when false then 'N' end),
        ('cp', case cp when true then 'Y' when false then 'N' end),
        ('sen', sen)
    ) as statuses (attribute, value)
    where value is not null;
"""


def stage_people(connection: Connection, urn: int, pupils: pa.Table, withheld: pa.Table, as_at: object) -> None:
    """Bring the extract's pupils into temporary tables and give each its surrogate keys (known ones first).

    ``withheld`` (pupil_id, entry_date) names quarantined pupils: the roll holds them, so they have not vanished.
    """
    connection.execute(_STAGE)
    stage = pupils.drop_columns(["file", "line"]).rename_columns(
        [
            "source_pupil_id" if name == "pupil_id" else name
            for name in pupils.column_names
            if name not in ("file", "line")
        ]
    )
    copy_table(connection, sql.SQL("stage_enrolment"), stage)
    connection.execute("create temp table stage_withheld_pupil (source_pupil_id text, entry_date date) on commit drop")
    copy_table(connection, sql.SQL("stage_withheld_pupil"), withheld.rename_columns(["source_pupil_id", "entry_date"]))
    for statement in _PUPIL_KEYS.split(";\n"):
        if statement.strip():
            connection.execute(statement, {"urn": urn, "as_at": as_at})


def apply_people(connection: Connection, knowledge: Knowledge) -> int:
    """Open versions for what is new or changed in the staged people; returns the number of enrolment versions."""
    apply_versions(connection, sql.SQL("identity.pupil"), "stage_pupil", ["pupil_id"], IDENTITY, knowledge)
    apply_versions(connection, sql.SQL("register.pupil"), "stage_pupil", ["pupil_id"], PUPIL, knowledge)
    # the date of a status is when it was first seen: only another value opens a version
    connection.execute(
        "update stage_status set effective_from = known.effective_from from register.pupil_status as known"
        " where known.is_current and (known.pupil_id, known.attribute, known.value)"
        " = (stage_status.pupil_id, stage_status.attribute, stage_status.value)"
    )
    statuses = ["value", "effective_from"]
    key = ["pupil_id", "attribute"]
    apply_versions(connection, sql.SQL("register.pupil_status"), "stage_status", key, statuses, knowledge)
    enrolment = sql.SQL("register.enrolment")
    return apply_versions(connection, enrolment, "stage_enrolment", ["enrolment_id"], ENROLMENT, knowledge)


_IS_WITHHELD: Final = """
    exists (
        select 1 from stage_withheld_pupil
        inner join identity.pupil as identity_pupil
            on stage_withheld_pupil.source_pupil_id = identity_pupil.source_pupil_id and identity_pupil.is_current
        where identity_pupil.pupil_id = known.pupil_id and identity_pupil.urn = known.urn
    )
"""


def count_vanished(connection: Connection, urn: int, as_at: object) -> tuple[int, int]:
    """(enrolments open on ``as_at`` but not in the staged roll, enrolments open on ``as_at``)."""
    row = connection.execute(
        f"""
        select
            count(*) filter (where stage_enrolment.enrolment_id is null and not {_IS_WITHHELD}),
            count(*)
        from register.enrolment as known
        left join stage_enrolment on known.enrolment_id = stage_enrolment.enrolment_id
        where known.is_current and known.urn = %(urn)s
            and known.entry_date <= %(as_at)s and coalesce(known.leaving_date, 'infinity') >= %(as_at)s
        """,
        {"urn": urn, "as_at": as_at},
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def stage_vanished(connection: Connection, urn: int, as_at: object) -> int:
    """Add the enrolments that a complete roll no longer holds to the stage, ended on their last marked day."""
    return connection.execute(
        f"""
        insert into stage_enrolment (
            enrolment_id, pupil_id, urn, entry_date, leaving_date, leaving_reason, removal_ground, destination,
            destination_urn, enrolment_status, is_boarder, nc_year, registration_group
        )
        select
            known.enrolment_id, known.pupil_id, known.urn, known.entry_date,
            coalesce(
                (select max(session_date) from register.mark
                where is_current and enrolment_id = known.enrolment_id and code is not null),
                known.entry_date
            ),
            %(vanished)s, known.removal_ground, known.destination, known.destination_urn, known.enrolment_status,
            known.is_boarder, known.nc_year, known.registration_group
        from register.enrolment as known
        left join stage_enrolment on known.enrolment_id = stage_enrolment.enrolment_id
        where known.is_current and known.urn = %(urn)s and stage_enrolment.enrolment_id is null
            and known.entry_date <= %(as_at)s and coalesce(known.leaving_date, 'infinity') >= %(as_at)s
            and not {_IS_WITHHELD}
        """,
        {"urn": urn, "as_at": as_at, "vanished": VANISHED},
    ).rowcount
