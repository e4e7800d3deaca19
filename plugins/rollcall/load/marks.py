"""Marks of one extract against the register: new, changed, removed or unchanged, by one set-based comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from rollcall.extract import Extract
from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.copy import copy_table

COLUMNS: Final = ("enrolment_id", "session_date", "half", "minutes_late", "code", "raw_code")

_STAGE: Final = """
    create temp table stage_mark (
        enrolment_id integer, session_date date, half smallint, minutes_late smallint, code text, raw_code text
    ) on commit drop
"""
# Only the school's own enrolments are read, by the front of the current key: never the whole year.
_COMPARE: Final = """
    create temp table mark_difference on commit drop as
    with
    known as (
        select mark.*
        from register.mark
        where mark.is_current
            and mark.enrolment_id = any(%(enrolments)s)
            and mark.session_date between %(first_day)s and %(last_day)s
    )

    select
        coalesce(stage_mark.enrolment_id, known.enrolment_id) as enrolment_id,
        coalesce(stage_mark.session_date, known.session_date) as session_date,
        coalesce(stage_mark.half, known.half) as half,
        stage_mark.minutes_late, stage_mark.code, stage_mark.raw_code,
        stage_mark.enrolment_id is not null as is_sent,
        known.enrolment_id is not null as is_known
    from stage_mark
    full outer join known
        on stage_mark.enrolment_id = known.enrolment_id
        and stage_mark.session_date = known.session_date
        and stage_mark.half = known.half
    where (stage_mark.code, stage_mark.raw_code, stage_mark.minutes_late)
        is distinct from (known.code, known.raw_code, known.minutes_late)
        or stage_mark.enrolment_id is null
        or known.enrolment_id is null
"""


@dataclass(frozen=True)
class MarkDifference:
    """Counts of one comparison; ``removed`` holds only what a completed scope no longer contains."""

    sent: int
    new: int
    changed: int
    removed: int
    known_in_scope: int

    @property
    def unchanged(self) -> int:
        """Marks sent that the register already has, exactly so."""
        return self.sent - self.new - self.changed


NO_DIFFERENCE: Final = MarkDifference(0, 0, 0, 0, 0)


def with_enrolments(marks: pa.Table, enrolments: pa.Table) -> pa.Table:
    """Canonical marks with the register's ``enrolment_id`` in place of the school's key; columns as ``COLUMNS``."""
    keyed = marks.select(["pupil_id", "entry_date", "session_date", "session", "minutes_late", "code", "raw_code"])
    keyed = keyed.set_column(0, "pupil_id", keyed["pupil_id"].cast(pa.string()))
    joined = keyed.join(enrolments, keys=["pupil_id", "entry_date"], join_type="inner")
    is_am = pc.equal(joined["session"].cast(pa.string()), "AM")
    half = pc.if_else(is_am, pa.scalar(1, pa.int16()), pa.scalar(2, pa.int16()))
    raw, code = joined["raw_code"].cast(pa.string()), joined["code"].cast(pa.string())
    says_more = pc.fill_null(pc.not_equal(raw, code), pc.is_valid(raw))
    return pa.table(
        {
            "enrolment_id": joined["enrolment_id"],
            "session_date": joined["session_date"],
            "half": half,
            "minutes_late": joined["minutes_late"],
            "code": code,
            "raw_code": pc.if_else(says_more, raw, pa.scalar(None, pa.string())),
        }
    )


def stage_marks(connection: Connection, marks: pa.Table) -> None:
    """Bring the extract's marks into a temporary table."""
    connection.execute(_STAGE)
    copy_table(connection, sql.SQL("stage_mark"), marks)


def compare_marks(
    connection: Connection, extract: Extract, marks: pa.Table, withheld: pa.Table, enrolments: list[int]
) -> MarkDifference:
    """Compare the staged marks with the current versions.

    Within a completed scope (snapshot or window), a known mark that was not sent counts as removed; a delta, or a scope
    that the source did not finish, removes nothing. Nor does a row that was sent but quarantined (``withheld``: pupil_id,
    session_date, session).
    """
    removes = extract.is_complete and extract.marks_mode != "delta"
    first, last = extract.scope_from, extract.scope_to
    if not removes or first is None or last is None:
        removes = False
        days = pc.min_max(marks["session_date"]).as_py()
        first, last = days["min"], days["max"]
    if first is None or last is None:
        connection.execute("create temp table mark_difference on commit drop as select * from stage_mark where false")
        return NO_DIFFERENCE
    connection.execute("analyze stage_mark")
    connection.execute(_COMPARE, {"enrolments": enrolments, "first_day": first, "last_day": last})
    if not removes:
        connection.execute("delete from mark_difference where not is_sent")
    elif withheld.num_rows:
        _keep_withheld(connection, extract.urn, withheld)
    row = connection.execute(
        """
        select
            count(*) filter (where is_sent and not is_known),
            count(*) filter (where is_sent and is_known),
            count(*) filter (where not is_sent)
        from mark_difference
        """
    ).fetchone()
    new, changed, removed = row or (0, 0, 0)
    return MarkDifference(marks.num_rows, new, changed, removed, marks.num_rows - new + removed)


def _keep_withheld(connection: Connection, urn: int, withheld: pa.Table) -> None:
    connection.execute(
        "create temp table stage_withheld_mark (source_pupil_id text, session_date date, session text) on commit drop"
    )
    names = ["source_pupil_id", "session_date", "session"]
    copy_table(connection, sql.SQL("stage_withheld_mark"), withheld.rename_columns(names))
    connection.execute(
        """
        delete from mark_difference as difference
        using stage_withheld_mark as withheld, identity.pupil as identity_pupil, register.enrolment
        where not difference.is_sent
            and identity_pupil.is_current and identity_pupil.urn = %s
            and identity_pupil.source_pupil_id = withheld.source_pupil_id
            and enrolment.is_current and enrolment.pupil_id = identity_pupil.pupil_id
            and difference.enrolment_id = enrolment.enrolment_id
            and difference.session_date = withheld.session_date
            and difference.half = case withheld.session when 'AM' then 1 else 2 end
        """,
        [urn],
    )


def apply_marks(connection: Connection, knowledge: Knowledge) -> None:
    """Close the versions that changed or were removed, open the new ones, and note the weeks touched."""
    days = connection.execute("select min(session_date), max(session_date) from mark_difference").fetchone()
    if days is None or days[0] is None:
        return
    moment = {"known_at": knowledge.known_at, "extract_id": knowledge.extract_id, "first": days[0], "last": days[1]}
    # a closed version moves from the current leaf to the past one
    connection.execute(
        """
        update register.mark set known_to = %(known_at)s, is_current = false
        from mark_difference as difference
        where mark.is_current
            and mark.session_date between %(first)s and %(last)s
            and mark.enrolment_id = difference.enrolment_id
            and mark.session_date = difference.session_date
            and mark.half = difference.half
            and difference.is_known
        """,
        moment,
    )
    connection.execute(
        """
        insert into register.mark
            (enrolment_id, session_date, half, minutes_late, code, raw_code, known_from, extract_id)
        select enrolment_id, session_date, half, minutes_late, code, raw_code, %(known_at)s, %(extract_id)s
        from mark_difference
        where is_sent
        """,
        moment,
    )
    connection.execute(
        """
        insert into register.touched_week (extract_id, enrolment_id, week_start)
        select distinct %(extract_id)s::integer, enrolment_id, date_trunc('week', session_date)::date
        from mark_difference
        on conflict do nothing
        """,
        moment,
    )


def touch_changed_spells(connection: Connection, knowledge: Knowledge, year_start: object, as_at: object) -> None:
    """Note every week of the year for the enrolments that this load opened a version of: their span may have moved."""
    connection.execute(
        """
        insert into register.touched_week (extract_id, enrolment_id, week_start)
        select %(extract_id)s::integer, enrolment.enrolment_id, weeks.week_start::date
        from register.enrolment
        cross join generate_series(
            date_trunc('week', %(year_start)s::date), %(as_at)s::date, interval '7 days'
        ) as weeks (week_start)
        where enrolment.extract_id = %(extract_id)s
        on conflict do nothing
        """,
        {"extract_id": knowledge.extract_id, "year_start": year_start, "as_at": as_at},
    )
