"""The history load: a whole year for every school into an empty year, at the speed of COPY.

The same transaction per extract as on any night (people, ledger row and marks together). Only the comparison is left
out, because there is nothing to compare with, and the current key is built once at the end, which also proves that no
mark came twice.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pyarrow as pa
from psycopg import sql

from rollcall.city import City
from rollcall.load.extracts import Accepted, LoadResult, write_line_of_loaded
from rollcall.load.ledger import (
    close_ledger_row,
    is_loaded,
    knowledge_moment,
    open_ledger_row,
    reconcile,
    write_quarantine,
)
from rollcall.load.marks import NO_DIFFERENCE, MarkDifference, with_enrolments
from rollcall.load.people import apply_people, stage_people
from rollcall.load.persons import link_persons
from rollcall.load.roll import enrolments_of_school, roll_digest
from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import Connection, take_writer_lock
from rollcall.warehouse.copy import copy_table
from rollcall.warehouse.partitions import create_keys, drop_current_key

_MICROSECONDS: Final = pa.timestamp("us", tz="UTC")


def begin_history(connection: Connection, first_day: date) -> bool:
    """Make an empty year ready for bulk loading (as the owner); False where the year already holds marks."""
    connection.execute("set role rollcall_owner")
    leaf = sql.Identifier("register", f"mark_{first_day.year}_current")
    row = connection.execute(sql.SQL("select exists (select 1 from {})").format(leaf)).fetchone()
    if row is None or row[0]:
        return False
    drop_current_key(connection, first_day)
    # vacuumed halfway, it would be gone through again at the end
    connection.execute(sql.SQL("alter table {} set (autovacuum_enabled = false)").format(leaf))
    return True


def end_history(connection: Connection, first_day: date) -> None:
    """Build the year's keys and statistics; raises where a mark came twice, and then nothing was proved."""
    connection.execute("set role rollcall_owner")
    connection.execute("set maintenance_work_mem = '1GB'")
    create_keys(connection, first_day)
    leaf = sql.Identifier("register", f"mark_{first_day.year}_current")
    connection.execute(sql.SQL("alter table {} reset (autovacuum_enabled)").format(leaf))
    connection.execute(sql.SQL("analyze {}").format(leaf))
    connection.execute("reset role")


def load_history_extract(connection: Connection, city: City, accepted: Accepted, first_day: date) -> LoadResult:
    """Load one accepted extract of a whole year into an empty year; no earlier extract of the school may be loaded."""
    extract, verdict = accepted.extract, accepted.verdict
    take_writer_lock(connection)
    if is_loaded(connection, extract):
        return LoadResult(extract.urn, "already loaded", None, NO_DIFFERENCE)
    known_at = knowledge_moment(connection, extract)
    knowledge = Knowledge(known_at, open_ledger_row(connection, extract, verdict, known_at))
    write_quarantine(connection, extract, accepted.quarantine)
    as_at = min(extract.scope_to or extract.night, extract.night)
    stage_people(connection, extract.urn, accepted.pupils, accepted.pupils_withheld, as_at)
    apply_people(connection, knowledge)
    link_persons(connection, knowledge)
    marks = with_enrolments(accepted.marks, enrolments_of_school(connection, extract.urn, is_staged=True))
    _copy_marks(connection, marks, knowledge, first_day)
    difference = MarkDifference(sent=marks.num_rows, new=marks.num_rows, changed=0, removed=0, known_in_scope=0)
    digest = roll_digest(extract, accepted.pupils, accepted.pupils_withheld)
    close_ledger_row(connection, knowledge.extract_id, "loaded", None, difference, digest)
    reconcile(connection, extract, verdict, difference)
    write_line_of_loaded(connection, city, accepted, knowledge, difference)
    return LoadResult(extract.urn, "loaded", None, difference)


def _copy_marks(connection: Connection, marks: pa.Table, knowledge: Knowledge, first_day: date) -> None:
    constants = {
        "known_from": pa.scalar(knowledge.known_at, _MICROSECONDS),
        "extract_id": pa.scalar(knowledge.extract_id, pa.int32()),
    }
    copy_table(connection, sql.Identifier("register", f"mark_{first_day.year}_current"), marks, constants)
