"""The ledger: one row per extract ever judged, its quarantined rows and its first two hops of the reconciliation."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pyarrow as pa
from psycopg import sql

from rollcall.extract import Extract, Verdict
from rollcall.load.marks import MarkDifference
from rollcall.warehouse.connect import Connection


def is_loaded(connection: Connection, extract: Extract) -> bool:
    """Whether this very extract was loaded before."""
    row = connection.execute(
        "select 1 from register.extract where extract_hash = %s and verdict = 'loaded'", [extract.extract_hash]
    ).fetchone()
    return row is not None


def is_superseded(connection: Connection, extract: Extract) -> bool:
    """Whether a newer statement of the same marks was loaded: an older file must not undo it."""
    row = connection.execute(
        """
        select 1 from register.extract
        where urn = %(urn)s and verdict = 'loaded' and source_time > %(source_time)s
            and (marks_mode = 'delta' or %(scope_to)s::date is null or scope_to >= %(scope_to)s)
        limit 1
        """,
        {"urn": extract.urn, "source_time": extract.source_time, "scope_to": extract.scope_to},
    ).fetchone()
    return row is not None


def knowledge_moment(connection: Connection, extract: Extract) -> datetime:
    """The moment that this load's versions count from: the night's, but always after the school's last load."""
    row = connection.execute(
        "select max(known_at) from register.extract where urn = %s and verdict = 'loaded'", [extract.urn]
    ).fetchone()
    last = row[0] if row else None
    own = last + timedelta(milliseconds=1) if last and last >= extract.known_at else extract.known_at
    return not_before_published(connection, own)


def not_before_published(connection: Connection, moment: datetime) -> datetime:
    """The moment, or the first one after the newest publication: what was published can never come to know more."""
    row = connection.execute("select max(known_at) from ops.publication").fetchone()
    last = row[0] if row else None
    return max(moment, last + timedelta(milliseconds=1)) if last else moment


def open_ledger_row(connection: Connection, extract: Extract, verdict: Verdict, known_at: datetime) -> int:
    """Write the extract's ledger row, or write a held one anew; returns its id.

    ``loaded_at`` is read under the writer lock, so that it tells which of two loads came first.
    """
    row = connection.execute(
        """
        insert into register.extract (
            extract_hash, urn, connector, pupils_mode, marks_mode, scope_from, scope_to, is_complete, source_time,
            source_path, fingerprint, night, known_at, verdict, pupils_in, marks_in, marks_repeated, marks_unmapped,
            rows_quarantined, control, parser_version, suite_version, landed_uri, loaded_at
        )
        values (
            %(extract_hash)s, %(urn)s, %(connector)s, %(pupils_mode)s, %(marks_mode)s, %(scope_from)s, %(scope_to)s,
            %(is_complete)s, %(source_time)s, %(source_path)s, %(fingerprint)s, %(night)s, %(known_at)s, 'loaded',
            %(pupils_in)s, %(marks_in)s, %(marks_repeated)s, %(marks_unmapped)s, %(rows_quarantined)s, %(control)s,
            %(parser_version)s, %(suite_version)s, %(landed_uri)s, clock_timestamp()
        )
        on conflict (extract_hash) do update set
            known_at = excluded.known_at, verdict = 'loaded', reason = null, night = excluded.night,
            pupils_in = excluded.pupils_in, marks_in = excluded.marks_in, rows_quarantined = excluded.rows_quarantined,
            suite_version = excluded.suite_version, loaded_at = excluded.loaded_at
        returning extract_id
        """,
        {
            **{
                name: getattr(extract, name)
                for name in extract.__dataclass_fields__
                if name not in ("files", "control")
            },
            "known_at": known_at,
            "pupils_in": verdict.pupils_in,
            "marks_in": verdict.marks_in,
            "marks_repeated": verdict.marks_repeated,
            "marks_unmapped": verdict.marks_unmapped,
            "rows_quarantined": verdict.pupils_quarantined + verdict.marks_quarantined,
            "control": json.dumps(extract.control) if extract.control else None,
            "suite_version": verdict.suite_version,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError("the ledger returned no id")
    return int(row[0])


def close_ledger_row(
    connection: Connection,
    extract_id: int,
    verdict: str,
    reason: str | None,
    difference: MarkDifference,
    digest: str | None = None,
) -> None:
    """Complete the ledger row with the verdict, the counts of the comparison and the digest of the roll."""
    counts = [difference.new, difference.changed, difference.removed, difference.unchanged]
    connection.execute(
        """
        update register.extract set verdict = %s, reason = %s,
            marks_new = %s, marks_changed = %s, marks_removed = %s, marks_unchanged = %s, roll_digest = %s
        where extract_id = %s
        """,
        [verdict, reason, *counts, digest, extract_id],
    )


def write_quarantine(connection: Connection, extract: Extract, quarantine: pa.Table) -> None:
    """List the quarantined rows: file, line and rule, never a value. Repeating it changes nothing."""
    connection.execute("delete from ops.quarantine where extract_hash = %s", [extract.extract_hash])
    head = sql.SQL("copy ops.quarantine (extract_hash, urn, night, file, line, entity, rule, reason) from stdin")
    with connection.cursor() as cursor, cursor.copy(head) as copy:
        for row in quarantine.to_pylist():
            copy.write_row(
                (
                    extract.extract_hash,
                    extract.urn,
                    extract.night,
                    row["file"],
                    row["line"],
                    row["entity"],
                    row["rule"],
                    row["reason"],
                )
            )


def reconcile(connection: Connection, extract: Extract, verdict: Verdict, difference: MarkDifference) -> None:
    """Write the first two hops of the reconciliation: file to canonical rows, canonical rows to the register."""
    came_in = verdict.marks_accepted + verdict.marks_quarantined + verdict.marks_repeated
    known = difference.new + difference.changed + difference.unchanged
    people = verdict.pupils_accepted + verdict.pupils_quarantined + verdict.pupils_repeated
    hops = [
        ("file to canonical", "marks", verdict.marks_in, came_in),
        ("file to canonical", "pupils", verdict.pupils_in, people),
        ("canonical to register", "marks", verdict.marks_accepted, known),
    ]
    for hop, metric, left, right in hops:
        connection.execute(
            """
            insert into ops.recon (night, urn, hop, metric, left_value, right_value, is_ok)
            values (%s, %s, %s, %s, %s, %s, %s)
            on conflict (night, urn, hop, metric) do update set
                left_value = excluded.left_value, right_value = excluded.right_value, is_ok = excluded.is_ok
            """,
            [extract.night, extract.urn, hop, metric, left, right, left == right],
        )
