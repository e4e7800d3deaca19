"""What the register already knows of a school: its roll, its watermark and the deliveries taken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from rollcall.extract import Extract
from rollcall.warehouse.connect import Connection


def read_rolls(connection: Connection, urns: Iterable[int]) -> dict[int, pa.Table]:
    """Each school's enrolments as now known: columns ``pupil_id`` (the school's own key), ``entry_date``,
    ``leaving_date``; the validate stage needs them to place the marks of a delta."""
    asked = sorted(set(urns))
    rows = connection.execute(
        """
        select enrolment.urn, identity_pupil.source_pupil_id, enrolment.entry_date, enrolment.leaving_date
        from register.enrolment
        inner join identity.pupil as identity_pupil
            on enrolment.pupil_id = identity_pupil.pupil_id and identity_pupil.is_current
        where enrolment.is_current and enrolment.urn = any(%s)
        order by 1, 2, 3
        """,
        [asked],
    )
    of_school = {urn: list(group) for urn, group in groupby(rows, key=itemgetter(0))}
    return {urn: _roll(of_school.get(urn, [])) for urn in asked}


def _roll(rows: list[Any]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table(
        {
            "pupil_id": pa.array(columns[1], pa.string()),
            "entry_date": pa.array(columns[2], pa.date32()),
            "leaving_date": pa.array(columns[3], pa.date32()),
        }
    )


def watermark_and_taken(connection: Connection, urn: int) -> tuple[datetime | None, dict[str, str]]:
    """Source time of the newest loaded extract of the school (None where nothing was ever loaded), and source path ->
    fingerprint of every delivery of it that was landed and judged."""
    rows = connection.execute(
        "select source_path, fingerprint, max(source_time) filter (where verdict = 'loaded') over ()"
        " from register.extract where urn = %s",
        [urn],
    ).fetchall()
    return rows[0][2] if rows else None, {row[0]: row[1] for row in rows if row[0] is not None}


def roll_digest(extract: Extract, pupils: pa.Table, withheld: pa.Table) -> str:
    """sha256 of everything that a delivery says of its pupils: the same digest means the same roll.

    The mode is part of it: the same rows as a whole roll say that nobody else is there, as a delta they do not.
    """
    said = pupils.drop_columns(["file", "line"]).to_pydict()
    whole = (extract.pupils_mode, extract.is_complete, said, withheld.to_pydict())
    return hashlib.sha256(repr(whole).encode()).hexdigest()


def is_roll_known(connection: Connection, urn: int, digest: str) -> bool:
    """Whether the school's newest loaded extract said exactly this of its pupils, so that nothing of it is new."""
    row = connection.execute(
        "select roll_digest from register.extract where urn = %s and verdict = 'loaded' and roll_digest is not null"
        " order by known_at desc, extract_id desc limit 1",
        [urn],
    ).fetchone()
    return row is not None and row[0] == digest


def enrolments_of_school(connection: Connection, urn: int, *, is_staged: bool) -> pa.Table:
    """(pupil_id, entry_date) -> enrolment_id for everything of this school, staged or known."""
    known = """
        select identity_pupil.source_pupil_id, enrolment.entry_date, enrolment.enrolment_id
        from register.enrolment
        inner join identity.pupil as identity_pupil
            on enrolment.pupil_id = identity_pupil.pupil_id and identity_pupil.is_current
        where enrolment.is_current and enrolment.urn = %s
    """
    staged = "union select source_pupil_id, entry_date, enrolment_id from stage_enrolment" if is_staged else ""
    rows = connection.execute(known + staged, [urn]).fetchall()
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(
        {
            "pupil_id": pa.array(columns[0], pa.string()),
            "entry_date": pa.array(columns[1], pa.date32()),
            "enrolment_id": pa.array(columns[2], pa.int32()),
        }
    )
