"""The walk of one file of a feed through its suites: the child's, the feed's own, and the one of deliveries."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rollcall.city import City
from rollcall.council import FEEDS, VERSION, Feed, FeedExtract, FeedVerdict
from rollcall.errors import ExtractHeld, RollcallError, UnreadableDelivery
from rollcall.extract import QUARANTINE, TEXT
from rollcall.validate.council.frame import canonical, feed_frame
from rollcall.validate.readers.stated import RowFault
from rollcall.validate.readers.template import read_table
from rollcall.validate.results import _open, _write, raw_folder
from rollcall.validate.rules import SUITES, Rows, Suite, load_suite, run_suite

log = logging.getLogger(__name__)

FOLDER: Final = SUITES / "council"
CLOCK_TOLERANCE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class JudgedFeed:
    """An extract with its verdict, its canonical rows (withheld ones marked) and the list of what was quarantined."""

    extract: FeedExtract
    verdict: FeedVerdict
    rows: pa.Table
    quarantine: pa.Table


@lru_cache
def suite_of(name: str) -> Suite:
    """The suite of a feed: what every row must be, how a child must be named, then the feed's own rules."""
    parts = ["row", *(["child"] if FEEDS[name].child == "needed" else []), name]
    parts += ["child_numbers"] if FEEDS[name].child != "none" else []
    return Suite(name, tuple(rule for part in parts for rule in load_suite(part, FOLDER).rules))


@lru_cache
def suite_version() -> str:
    """First twelve digits of the sha256 over the suites of the feeds."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def validate_feed(extract: FeedExtract, city: City) -> JudgedFeed:
    """Judge one landed file, write the results beside it and return them.

    A file that cannot be read is held, not raised; raises ``SettingsError`` where city or suite is at fault.
    """
    feed = FEEDS[extract.feed]
    stated, faults, remarks, error = _read(feed, extract)
    suite = suite_of(feed.name)
    wanted = {str(rule.kwargs["column"]) for rule in suite.rules}
    frame = feed_frame(feed, stated, extract.night, city.schools, wanted)
    broken = run_suite(suite, frame)
    reason = _apply(suite, frame, broken)
    is_out = (reason != "").astype(bool)
    is_repeated = frame["is_repeated"].to_numpy(dtype=bool) & ~is_out
    rows = canonical(feed, frame, stated.column("line"), is_out).filter(pa.array(~is_repeated))
    quarantine = _quarantine(feed, suite, faults, stated, reason)
    rows_in = stated.num_rows + len(faults)
    counts = {
        "rows_in": rows_in,
        "rows_accepted": int((~is_out & ~is_repeated).sum()),
        "rows_quarantined": quarantine.num_rows,
        "rows_repeated": int(is_repeated.sum()),
    }
    code, why = _hold_reason(extract, city, counts, error)
    remarks += [
        f"{rule.id}: {len(broken[rule.id])} row(s)"
        for rule in suite.rules
        if rule.on_fail in ("clear", "report") and len(broken[rule.id])
    ]
    verdict = FeedVerdict(
        extract_hash=extract.extract_hash,
        status="held" if code else "accepted",
        reason_code=code,
        reason=why,
        suite_version=suite_version(),
        warnings=tuple(remarks),
        **counts,
    )
    judged = JudgedFeed(extract, verdict, rows, quarantine)
    _write_judged(judged, suite, broken)
    log.info("feed %s: %s %s", feed.name, verdict.status, verdict.reason_code)
    return judged


def read_judged_feed(extract: FeedExtract) -> JudgedFeed:
    """What an earlier validation wrote beside the extract; raises ``UnreadableDelivery`` where it has no verdict."""
    filesystem, place = _open(extract.landed_uri)
    try:
        verdict = FeedVerdict.from_json(filesystem.cat_file(f"{place}/verdict.json").decode())
    except FileNotFoundError as error:
        raise UnreadableDelivery("The extract has no verdict yet.") from error
    tables = [
        pq.read_table(pa.BufferReader(filesystem.cat_file(f"{place}/{name}.parquet")))
        for name in ("canonical/rows", "quarantine")
    ]
    return JudgedFeed(extract, verdict, *tables)


def _read(feed: Feed, extract: FeedExtract) -> tuple[pa.Table, list[RowFault], list[str], RollcallError | None]:
    """Whatever a hostile file does to the reader ends here, as a typed error."""
    try:
        with raw_folder(extract) as raw:
            return *read_table(raw / f"{feed.name}.csv", feed.stated, feed.needed, TEXT), None
    except RollcallError as fault:
        error: RollcallError = fault
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, OSError, pa.ArrowException) as fault:
        log.debug("reader failed with %s", type(fault).__name__)
        error = UnreadableDelivery("The file is not what the interface promises.")
    nothing = pa.schema([(name, TEXT) for name in feed.stated] + [("line", pa.int32())]).empty_table()
    return nothing, [], [], error


def _apply(suite: Suite, frame: pd.DataFrame, broken: Mapping[str, Rows]) -> Any:
    """The first rule that quarantines each row (empty = none); values that a rule clears are cleared in the frame."""
    reason = np.full(len(frame), "", dtype=object)
    for rule in suite.rules:
        rows = broken[rule.id]
        if rule.on_fail == "quarantine":
            reason[rows[reason[rows] == ""]] = rule.id
        elif rule.on_fail == "clear":
            frame.loc[rows, rule.clears] = None
    return reason


def _quarantine(feed: Feed, suite: Suite, faults: list[RowFault], stated: pa.Table, reason: Any) -> pa.Table:
    why = {rule.id: rule.why for rule in suite.rules}
    rows = [
        {"file": fault.file, "line": fault.line, "entity": feed.name, "rule": fault.rule, "reason": fault.reason}
        for fault in faults
    ]
    for line, rule in zip(stated.column("line").to_pylist(), reason, strict=True):
        if rule:
            rows.append(
                {"file": f"{feed.name}.csv", "line": line, "entity": feed.name, "rule": rule, "reason": why[rule]}
            )
    return pa.Table.from_pylist(rows, schema=QUARANTINE)


def _hold_reason(
    extract: FeedExtract, city: City, counts: dict[str, int], error: RollcallError | None
) -> tuple[str, str]:
    """Code and sentence of the first rule of ``delivery.yml`` that the file breaks; two empty texts where none is."""
    control = extract.control or {}
    error = error or (
        UnreadableDelivery("The control file is not what the interface describes.") if "fault" in control else None
    )
    limit, least = int(city.threshold("quarantine_hold_pct")), int(city.threshold("breaker_feed_rows"))
    refused = counts["rows_quarantined"]
    stated = control.get("rows")
    facts = counts | {
        "is_readable": error is None,
        "read_fault": error.reason if error else "",
        "is_right_feed": control.get("feed", extract.feed) == extract.feed,
        "is_version_known": control.get("version", VERSION) == VERSION,
        "is_taken_in_time": extract.source_time <= extract.known_at + CLOCK_TOLERANCE,
        "control_rows": stated,
        "is_row_count_right": None if stated is None or error else stated == counts["rows_in"],
        "has_rows": counts["rows_in"] > 0 if extract.mode == "snapshot" and not error else None,
        "rows_over_limit": max(0, 100 * refused - limit * counts["rows_in"]) if refused >= least else 0,
    }
    suite = load_suite("delivery", FOLDER)
    broken = run_suite(suite, pd.DataFrame([facts]))
    for rule in suite.rules:
        if len(broken[rule.id]):
            code = error.code if error and rule.id == "file_can_be_read" else ExtractHeld.code
            return code, f"{rule.id}: {rule.fault.format_map(facts)}"
    return "", ""


def _write_judged(judged: JudgedFeed, suite: Suite, broken: Mapping[str, Rows]) -> None:
    """Write tables and verdict beside the extract; ``verdict.json`` last, so that it promises the others."""
    uri = judged.extract.landed_uri
    for name, table in {"canonical/rows": judged.rows, "quarantine": judged.quarantine}.items():
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        _write(uri, f"{name}.parquet", sink.getvalue().to_pybytes())
    rules = [
        {"rule": rule.id, "on_fail": rule.on_fail, "rows": judged.verdict.rows_in, "rows_broken": len(broken[rule.id])}
        for rule in suite.rules
    ]
    text = json.dumps({"feed": judged.extract.feed, "suite_version": suite_version(), "rules": rules}, indent=1)
    _write(uri, "gx_result.json", text.encode())
    _write(uri, "verdict.json", judged.verdict.to_json().encode())
