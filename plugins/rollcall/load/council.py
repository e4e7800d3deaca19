"""Load one file of a feed in one transaction: what it changes, its ledger row, the children it names, its line.

Hands on: versions in ``city.*``. Something is removed only where a complete snapshot no longer holds it, and not where a
row that could not be placed may be the one that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Rollback, sql

from rollcall.city import City
from rollcall.council import FEEDS, Feed, FeedVerdict
from rollcall.load.council_children import resolve_children
from rollcall.load.council_ledger import (
    FeedCounts,
    FeedLine,
    close_feed_row,
    feed_moment,
    is_feed_loaded,
    is_feed_superseded,
    open_feed_row,
    write_feed_line,
    write_feed_quarantine,
)
from rollcall.load.council_links import has_register_moved, link_children
from rollcall.load.council_records import (
    AcceptedFeed,
    compare,
    count_unplaced,
    is_removed,
    resolve_parents,
    settle_keys,
    stage,
)
from rollcall.load.versions import Knowledge, apply_versions
from rollcall.warehouse.connect import Connection, take_writer_lock


@dataclass(frozen=True)
class FeedResult:
    """What loading one file did: ``status`` is loaded, already loaded, superseded or held."""

    feed: str
    status: str
    reason: str | None
    counts: FeedCounts


def load_feed(connection: Connection, city: City, accepted: AcceptedFeed, *, release: bool = False) -> FeedResult:
    """Load one file in the connection's transaction; loading it again changes nothing.

    ``release`` lets a file pass that a rule or the circuit breaker held. Raises ``WriterBusy`` where another run writes.
    """
    extract, verdict = accepted.extract, accepted.verdict
    take_writer_lock(connection)
    if is_feed_loaded(connection, extract):
        return FeedResult(extract.feed, "already loaded", None, FeedCounts())
    known_at = feed_moment(connection, extract)
    extract_id = open_feed_row(connection, extract, verdict, known_at)
    write_feed_quarantine(connection, extract, accepted.quarantine)
    if is_feed_superseded(connection, extract):
        reason = "A newer file of this feed was loaded before; this older one is kept but not used."
        return _refuse(connection, accepted, extract_id, "superseded", "RC340", reason)
    if verdict.status == "held" and not release:
        return _refuse(connection, accepted, extract_id, "held", verdict.reason_code, verdict.reason)
    trip, counts = None, FeedCounts()
    with connection.transaction():
        # namings and links of a file that is then held are undone with it
        counts, remark = _apply(connection, FEEDS[extract.feed], accepted, Knowledge(known_at, extract_id))
        trip = None if release else _breaker(city, counts)
        if trip:
            raise Rollback
    if trip:
        return _refuse(connection, accepted, extract_id, "held", "RC331", trip)
    close_feed_row(connection, extract_id, "loaded", remark, counts)
    _write_line(connection, accepted, extract_id, "in", None, remark, counts)
    return FeedResult(extract.feed, "loaded", remark, counts)


def _apply(
    connection: Connection, feed: Feed, accepted: AcceptedFeed, knowledge: Knowledge
) -> tuple[FeedCounts, str | None]:
    stage(connection, feed, accepted.rows)
    if feed.child != "none":
        fresh = resolve_children(connection, "stage_feed", knowledge)
        has_moved = has_register_moved(connection, knowledge)
        if fresh or has_moved:
            link_children(connection, knowledge, everyone=has_moved)
    resolve_parents(connection, feed)
    counts = settle_keys(connection, feed, accepted)
    unplaced = count_unplaced(connection, feed, accepted)
    is_whole = accepted.extract.mode == "snapshot" and unplaced == 0
    counts = compare(connection, feed, counts, is_whole=is_whole)
    table = sql.Identifier("city", feed.table)
    apply_versions(connection, table, "stage_record", list(feed.key), feed.values, knowledge)
    if is_whole:
        connection.execute(
            sql.SQL("update {} as known set known_to = %s, is_current = false where {}").format(
                table, is_removed(feed)
            ),
            [knowledge.known_at],
        )
    remark = None
    if accepted.extract.mode == "snapshot" and unplaced:
        remark = f"{unplaced} quarantined row(s) could not be placed, so nothing was removed."
    return counts, remark


def _breaker(city: City, counts: FeedCounts) -> str | None:
    """Why the circuit breaker trips, or None: mass disappearance is a fault of the export until a person says no."""
    known = counts.changed + counts.unchanged + counts.removed
    limit = int(city.threshold("breaker_feed_pct"))
    if counts.removed >= int(city.threshold("breaker_feed_rows")) and 100 * counts.removed > limit * known:
        return f"{counts.removed} of {known} records are gone from the feed (limit {limit} %)."
    return None


def _refuse(
    connection: Connection, accepted: AcceptedFeed, extract_id: int, status: str, code: str, reason: str
) -> FeedResult:
    close_feed_row(connection, extract_id, status, reason)
    counts = FeedCounts(quarantined=accepted.verdict.rows_quarantined)
    _write_line(connection, accepted, extract_id, status, code, reason, counts)
    return FeedResult(accepted.extract.feed, status, reason, FeedCounts())


def _write_line(
    connection: Connection,
    accepted: AcceptedFeed,
    extract_id: int,
    status: str,
    code: str | None,
    reason: str | None,
    counts: FeedCounts,
) -> None:
    extract = accepted.extract
    action = None
    if status == "held":
        action = "Ask for the file again."
        if may_be_released(code or "", accepted.verdict):
            command = f"rollcall feeds --release --feed {extract.feed} --date {extract.night}"
            action = f"Ask its owner; if it is right, `{command}`."
    write_feed_line(
        connection,
        FeedLine(
            night=extract.night,
            feed=extract.feed,
            status=status,
            reason_code=code,
            reason=reason,
            next_action=action,
            extract_id=extract_id,
            rows_in=accepted.verdict.rows_in,
            counts=counts,
            source_time=extract.source_time,
        ),
    )


def may_be_released(code: str, verdict: FeedVerdict) -> bool:
    """Whether a person may confirm a held file: not one that cannot be read or that holds no sound row."""
    return code != "RC310" and verdict.rows_accepted > 0
