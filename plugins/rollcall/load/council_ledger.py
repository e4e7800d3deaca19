"""The ledger of the council's feeds: one row per file ever judged, the feed's line of the night, quarantined rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from psycopg import sql

from rollcall.council import FeedDelivery, FeedExtract, FeedVerdict
from rollcall.load.ledger import not_before_published
from rollcall.warehouse.connect import Connection


@dataclass(frozen=True)
class FeedCounts:
    """How a file differs from what is known, in records."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    repeated: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class FeedLine:
    """A feed's line for a night, as ``rollcall status`` shows it."""

    night: date
    feed: str
    status: str
    reason_code: str | None = None
    reason: str | None = None
    next_action: str | None = None
    extract_id: int | None = None
    rows_in: int = 0
    counts: FeedCounts = FeedCounts()
    source_time: datetime | None = None


def is_feed_loaded(connection: Connection, extract: FeedExtract) -> bool:
    """Whether this very file was loaded, or set aside as older, before."""
    row = connection.execute(
        "select 1 from city.feed_extract where extract_hash = %s and verdict in ('loaded', 'superseded')",
        [extract.extract_hash],
    ).fetchone()
    return row is not None


def is_feed_superseded(connection: Connection, extract: FeedExtract) -> bool:
    """Whether a newer statement of the feed was loaded: an older file must not undo it."""
    row = connection.execute(
        "select 1 from city.feed_extract where feed = %s and verdict = 'loaded' and source_time > %s limit 1",
        [extract.feed, extract.source_time],
    ).fetchone()
    return row is not None


def feed_moment(connection: Connection, extract: FeedExtract) -> datetime:
    """The moment that this load's versions count from: the night's, but after the feed's last load and before no other."""
    row = connection.execute(
        "select max(known_at) filter (where feed = %s), max(known_at) from city.feed_extract where verdict = 'loaded'",
        [extract.feed],
    ).fetchone()
    own, every = row or (None, None)
    moments = [extract.known_at]
    moments += [own + timedelta(milliseconds=1)] if own else []
    moments += [every] if every else []
    return not_before_published(connection, max(moments))


def open_feed_row(connection: Connection, extract: FeedExtract, verdict: FeedVerdict, known_at: datetime) -> int:
    """Write the file's ledger row, or write a held one anew; returns its id."""
    row = connection.execute(
        """
        insert into city.feed_extract (
            extract_hash, feed, mode, source_time, source_path, fingerprint, night, known_at, verdict, rows_in,
            rows_repeated, rows_quarantined, control, parser_version, suite_version, landed_uri, loaded_at
        )
        values (
            %(extract_hash)s, %(feed)s, %(mode)s, %(source_time)s, %(source_path)s, %(fingerprint)s, %(night)s,
            %(known_at)s, 'loaded', %(rows_in)s, %(rows_repeated)s, %(rows_quarantined)s, %(control)s,
            %(parser_version)s, %(suite_version)s, %(landed_uri)s, clock_timestamp()
        )
        on conflict (extract_hash) do update set
            known_at = excluded.known_at, verdict = 'loaded', reason = null, night = excluded.night,
            source_path = excluded.source_path, fingerprint = excluded.fingerprint, rows_in = excluded.rows_in,
            suite_version = excluded.suite_version, loaded_at = excluded.loaded_at
        returning extract_id
        """,
        {
            **{name: getattr(extract, name) for name in extract.__dataclass_fields__ if name != "files"},
            "known_at": known_at,
            "rows_in": verdict.rows_in,
            "rows_repeated": verdict.rows_repeated,
            "rows_quarantined": verdict.rows_quarantined,
            "control": json.dumps(extract.control) if extract.control else None,
            "suite_version": verdict.suite_version,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError("the ledger returned no id")
    return int(row[0])


def close_feed_row(
    connection: Connection, extract_id: int, verdict: str, reason: str | None, counts: FeedCounts | None = None
) -> None:
    """Complete the ledger row with the verdict and, where rows were compared, the counts."""
    connection.execute(
        "update city.feed_extract set verdict = %s, reason = %s where extract_id = %s", [verdict, reason, extract_id]
    )
    if counts is not None:
        connection.execute(
            """
            update city.feed_extract set rows_new = %s, rows_changed = %s, rows_removed = %s, rows_unchanged = %s,
                rows_repeated = %s, rows_quarantined = %s
            where extract_id = %s
            """,
            [
                counts.new,
                counts.changed,
                counts.removed,
                counts.unchanged,
                counts.repeated,
                counts.quarantined,
                extract_id,
            ],
        )


def write_refused_row(connection: Connection, values: dict[str, Any]) -> int:
    """Remember a file that must not be opened, so that it is not taken for a new one every night; returns its id."""
    row = connection.execute(
        """
        insert into city.feed_extract (
            extract_hash, feed, mode, source_time, source_path, fingerprint, night, known_at, verdict, reason
        )
        values (
            %(extract_hash)s, %(feed)s, 'delta', %(source_time)s, %(source_path)s, %(fingerprint)s, %(night)s,
            %(known_at)s, 'refused', %(reason)s
        )
        on conflict (extract_hash) do update set night = excluded.night
        returning extract_id
        """,
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def write_feed_quarantine(connection: Connection, extract: FeedExtract, quarantine: pa.Table) -> None:
    """List the quarantined rows: file, line and rule, never a value. Repeating it changes nothing."""
    connection.execute("delete from ops.quarantine where extract_hash = %s", [extract.extract_hash])
    head = sql.SQL("copy ops.quarantine (extract_hash, night, file, line, entity, rule, reason) from stdin")
    with connection.cursor() as cursor, cursor.copy(head) as copy:
        for row in quarantine.to_pylist():
            names = ("file", "line", "entity", "rule", "reason")
            copy.write_row((extract.extract_hash, extract.night, *[row[name] for name in names]))


def write_feed_line(connection: Connection, line: FeedLine) -> None:
    """Write the feed's line. What several files of one night brought adds up; a line that says that nothing came never
    overwrites one of a file that did."""
    counts = ("rows_in", "rows_new", "rows_changed", "rows_removed", "rows_unchanged", "rows_quarantined")
    sums = ", ".join(
        f"{name} = excluded.{name} + case when known.extract_id <> excluded.extract_id then known.{name} else 0 end"
        for name in counts
    )
    connection.execute(
        f"""
        insert into ops.feed_night as known (
            night, feed, status, reason_code, reason, next_action, extract_id, rows_in, rows_new, rows_changed,
            rows_removed, rows_unchanged, rows_quarantined, source_time
        )
        values (
            %(night)s, %(feed)s, %(status)s, %(reason_code)s, %(reason)s, %(next_action)s, %(extract_id)s, %(rows_in)s,
            %(new)s, %(changed)s, %(removed)s, %(unchanged)s, %(quarantined)s, %(source_time)s
        )
        on conflict (night, feed) do update set
            status = excluded.status, reason_code = excluded.reason_code, reason = excluded.reason,
            next_action = excluded.next_action, extract_id = excluded.extract_id, source_time = excluded.source_time,
            updated_at = now(), {sums}
        where (excluded.extract_id is not null or known.extract_id is null)
            and not (known.status = 'in' and excluded.status = 'superseded')
        """,
        {
            **{name: getattr(line, name) for name in line.__dataclass_fields__ if name != "counts"},
            **{name: getattr(line.counts, name) for name in line.counts.__dataclass_fields__},
        },
    )


def feed_files_taken(connection: Connection, feed: str) -> dict[str, str]:
    """Source path -> fingerprint of every file of the feed that was judged or refused."""
    rows = connection.execute(
        "select source_path, fingerprint from city.feed_extract where feed = %s order by extract_id", [feed]
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def is_taken_again(connection: Connection, delivery: FeedDelivery, extract: FeedExtract) -> bool:
    """Whether this statement was loaded before and only its file is new; the ledger then remembers the file as it is."""
    if not is_feed_loaded(connection, extract):
        return False
    connection.execute(
        "update city.feed_extract set source_path = %s, fingerprint = %s where extract_hash = %s",
        [delivery.source_path, delivery.fingerprint, extract.extract_hash],
    )
    return True


def last_feed_rows(connection: Connection, feed: str) -> tuple[date | None, tuple[str, str, str | None, date] | None]:
    """(night of the newest file loaded, and (verdict, code, reason, night) of the newest file that was judged)."""
    loaded = connection.execute(
        "select max(night) from city.feed_extract where feed = %s and verdict = 'loaded'", [feed]
    ).fetchone()
    newest = connection.execute(
        """
        select extract.verdict, coalesce(line.reason_code, ''), extract.reason, extract.night
        from city.feed_extract as extract
        left join ops.feed_night as line on extract.extract_id = line.extract_id
        where extract.feed = %s and extract.verdict <> 'superseded'
        order by extract.source_time desc, extract.extract_id desc
        limit 1
        """,
        [feed],
    ).fetchone()
    return (loaded[0] if loaded else None), ((newest[0], newest[1], newest[2], newest[3]) if newest else None)
