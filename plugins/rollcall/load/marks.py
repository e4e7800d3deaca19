"""Marks of one extract against the register: new, changed, removed or unchanged; and the versions that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from rollcall.extract import Extract
from rollcall.load.comparison import MARKS, Vocabulary, columns_of, difference_of, one_dictionary, read_known
from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.copy import copy_table

_DAYS: Final = 1 << 30
"""Added to a day counted from 1970, so that it is never negative."""
_DIFFERENCE: Final = """
    create temp table mark_difference (
        enrolment_id integer, session_date date, half smallint, minutes_late smallint, code text, raw_code text,
        is_sent boolean, is_known boolean
    ) on commit drop
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
    """Canonical marks with the register's ``enrolment_id`` in place of the school's key, as ``MARKS``; a mark of none of
    these ``enrolments`` (pupil_id, entry_date, enrolment_id) is left out."""
    marks, keys = _enrolment_keys(marks, enrolments)
    session, code, raw = (one_dictionary(marks[name]) for name in ("session", "code", "raw_code"))
    halves = pa.array([1 if word == "AM" else 2 for word in session.dictionary.to_pylist()], pa.int16())
    words = Vocabulary()
    says_more = words.of_column(pa.chunked_array([raw])) != words.of_column(pa.chunked_array([code]))
    raw_index = pc.if_else(pa.array(says_more), raw.indices, pa.scalar(None, pa.int32()))
    columns = {
        "enrolment_id": pa.array(keys, pa.int32()),
        "session_date": marks["session_date"],
        "half": halves.take(session.indices),
        "minutes_late": marks["minutes_late"],
        "code": code,
        "raw_code": pa.DictionaryArray.from_arrays(raw_index, raw.dictionary),
    }
    return pa.table(columns, schema=MARKS)


def _enrolment_keys(marks: pa.Table, enrolments: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int32]]:
    """The marks that fall into one of the enrolments, and the enrolment of each."""
    pupil = one_dictionary(marks["pupil_id"])
    place = {word: number for number, word in enumerate(pupil.dictionary.to_pylist())}
    owner = np.array([place.get(word, -1) for word in enrolments["pupil_id"].to_pylist()], dtype=np.int64)
    entry = enrolments["entry_date"].cast(pa.int32()).to_numpy()
    order = np.lexsort((entry, owner))
    owner, entry, enrolment = owner[order], entry[order], enrolments["enrolment_id"].to_numpy()[order]
    if not len(owner):
        return marks.slice(0, 0), enrolment.astype(np.int32)
    of_mark = pc.fill_null(pupil.indices, len(place)).to_numpy(zero_copy_only=False)
    days = marks["entry_date"].cast(pa.int32()).fill_null(-_DAYS).to_numpy()
    # nearly every mark belongs to its pupil's first enrolment; the others are searched for by the entry day as well
    first = np.minimum(np.searchsorted(owner, np.arange(len(place) + 1)), len(owner) - 1)
    nearest = first[of_mark]
    found = (owner[first] == np.arange(len(place) + 1))[of_mark] & (entry[nearest] == days)
    rest = np.flatnonzero(~found)
    spell, key = _spell(owner, entry), _spell(of_mark[rest], days[rest])
    nearest[rest] = np.minimum(np.searchsorted(spell, key), len(spell) - 1)
    found[rest] = spell[nearest[rest]] == key
    if not found.all():
        marks, nearest = marks.filter(pa.array(found)), nearest[found]
    return marks, enrolment[nearest].astype(np.int32)


def _spell(owner: npt.NDArray[np.integer], entry: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    return (owner.astype(np.int64) << 32) + entry + _DAYS


def compare_marks(
    connection: Connection, extract: Extract, marks: pa.Table, withheld: pa.Table, enrolments: list[int]
) -> MarkDifference:
    """Compare the extract's marks with the current versions and stage what differs as ``mark_difference``.

    Within a completed scope (snapshot or window), a known mark that was not sent counts as removed; a delta, or a scope
    that the source did not finish, removes nothing. Nor does a row that was sent but quarantined (``withheld``: pupil_id,
    session_date, session).
    """
    connection.execute(_DIFFERENCE)
    removes = extract.is_complete and extract.marks_mode != "delta"
    first, last = extract.scope_from, extract.scope_to
    if not removes or first is None or last is None:
        removes = False
        days = pc.min_max(marks["session_date"]).as_py()
        first, last = days["min"], days["max"]
    if first is None or last is None:
        return NO_DIFFERENCE
    words = Vocabulary()
    stated, order = columns_of(marks, words)
    known = read_known(connection, enrolments, first, last, words)
    differing = difference_of(stated, marks, order, known, with_missing=removes)
    if differing.num_rows:
        copy_table(connection, sql.SQL("mark_difference"), differing)
    if removes and withheld.num_rows:
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
