"""The walk of an extract through the three suites, for one school or many at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from rollcall.city import City
from rollcall.errors import RollcallError, UnreadableDelivery
from rollcall.extract import Extract, Verdict
from rollcall.validate.codes import Codes, load_codes
from rollcall.validate.delivery import delivery_facts, hold_reason
from rollcall.validate.enrolments import enrolments_of
from rollcall.validate.marks import JudgedMarks, MarkFacts, judge_marks, mark_facts
from rollcall.validate.pupils import JudgedPupils, judge_pupils, pupil_frame
from rollcall.validate.readers import Stated, read_stated
from rollcall.validate.readers.stated import nothing_stated
from rollcall.validate.results import Outcome, raw_folder, write_outcome
from rollcall.validate.rules import Rows, Suite, great_expectations, load_suite, run_suite, suite_version

log = logging.getLogger(__name__)

GROUP_BYTES: Final = 32 * 1024**2
"""Landed bytes that are read before a suite runs over them together: it bounds memory, a suite's fixed cost, and how
long the load waits for the first verdicts."""

Rolls = Mapping[int, pa.Table]


@dataclass
class _Work:
    """One extract on its way through the suites."""

    extract: Extract
    stated: Stated
    error: RollcallError | None
    frame: pd.DataFrame
    pupils: JudgedPupils | None = None
    facts: MarkFacts | None = None
    marks: JudgedMarks | None = None


def validate(extract: Extract, city: City, roll: pa.Table | None = None, codes: Codes | None = None) -> Verdict:
    """Judge one landed extract, write the results beside it and return the verdict.

    ``roll`` (pupil_id, entry_date, leaving_date) is what the register already knows of the school. A delivery that
    cannot be read is held, not raised; raises ``SettingsError`` where city, suite or code list is at fault.
    """
    return validate_many([extract], city, {} if roll is None else {extract.urn: roll}, codes)[0]


def validate_many(extracts: list[Extract], city: City, rolls: Rolls, codes: Codes | None = None) -> list[Verdict]:
    """Judge several extracts with one run of each suite: the same verdicts as one by one, at a fraction of the cost."""
    codes = codes or load_codes(city.folder)
    verdicts = []
    for group in _groups(extracts):
        verdicts += _judge(group, city, rolls, codes)
    return verdicts


def prepare() -> None:
    """Import what takes seconds, while something else goes on: whoever validates then finds it there."""
    great_expectations()


def validate_all(
    extracts: list[Extract],
    city: City,
    rolls: Rolls,
    codes: Codes | None = None,
    *,
    workers: int = 2,
    progress: Callable[[Verdict], None] = lambda verdict: None,
) -> Iterator[Verdict]:
    """Judge a night's extracts in ``workers`` processes and hand on each verdict in the extracts' order, as soon as it is
    known: what is judged can be loaded while the rest is still read. ``progress`` is called with each verdict.
    """
    codes = codes or load_codes(city.folder)
    groups = list(_groups(extracts, at_least=workers))
    if workers < 2 or len(groups) < 2:
        yield from _one_by_one((_judge(group, city, rolls, codes) for group in groups), progress)
        return
    # forked, so that Great Expectations is imported once and a scheduler's own start-up is not run again
    great_expectations()
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        jobs = []
        try:
            for group in groups:
                known = {item.urn: rolls[item.urn] for item in group if item.urn in rolls}
                jobs.append(pool.submit(_judge, group, city, known, codes))
            yield from _one_by_one((job.result() for job in jobs), progress)
        finally:
            # whoever stops listening does not wait for what nobody will load
            pool.shutdown(wait=True, cancel_futures=True)


def _one_by_one(judged: Iterator[list[Verdict]], progress: Callable[[Verdict], None]) -> Iterator[Verdict]:
    for verdicts in judged:
        for verdict in verdicts:
            progress(verdict)
            yield verdict


def _groups(extracts: list[Extract], at_least: int = 1) -> Iterator[list[Extract]]:
    """The extracts in their order, as many together as ``GROUP_BYTES`` allows, and at least so many groups."""
    limit = min(GROUP_BYTES, sum(_size(extract) for extract in extracts) // at_least + 1)
    group: list[Extract] = []
    filled = 0
    for extract in extracts:
        group.append(extract)
        filled += _size(extract)
        if filled >= limit:
            yield group
            group, filled = [], 0
    if group:
        yield group


def _size(extract: Extract) -> int:
    return sum(item.bytes for item in extract.files)


def _judge(extracts: list[Extract], city: City, rolls: Rolls, codes: Codes) -> list[Verdict]:
    pupils, marks, delivery = (load_suite(name) for name in ("pupils", "marks", "extract"))
    works = [_read(extract) for extract in extracts]
    broken_pupils = _run_together(pupils, [work.frame for work in works])
    for work, broken in zip(works, broken_pupils, strict=True):
        work.pupils = judge_pupils(work.stated.pupils, work.frame, pupils, broken)
        is_snapshot = work.extract.pupils_mode == "snapshot"
        known = enrolments_of(work.pupils.accepted, rolls.get(work.extract.urn), is_snapshot=is_snapshot)
        work.facts = mark_facts(work.stated.marks, work.extract, city, codes, known)
    broken_marks = _run_together(marks, [work.facts.distinct for work in works if work.facts])
    outcomes = []
    for work, of_pupils, of_marks in zip(works, broken_pupils, broken_marks, strict=True):
        assert work.facts is not None and work.pupils is not None  # noqa: S101 - set in the loop above
        work.marks = judge_marks(work.facts, marks, of_marks)
        rows_broken = {"pupils": {rule: len(rows) for rule, rows in of_pupils.items()}, "marks": work.marks.rows_broken}
        outcomes.append(Outcome(work.extract, work.stated, work.error, work.pupils, work.marks, rows_broken))
    facts = [delivery_facts(outcome, city) for outcome in outcomes]
    broken_deliveries = _run_together(delivery, [pd.DataFrame([row]) for row in facts])
    verdicts = []
    for outcome, row, broken in zip(outcomes, facts, broken_deliveries, strict=True):
        reason_code, reason = hold_reason(outcome, row, delivery, broken)
        verdict = outcome.verdict(reason_code, reason, suite_version(), (pupils, marks))
        write_outcome(outcome, verdict, (pupils, marks, delivery), broken)
        log.info("school %s: %s %s", outcome.extract.urn, verdict.status, verdict.reason_code)
        verdicts.append(verdict)
    return verdicts


def read_or_fault(extract: Extract) -> tuple[Stated, RollcallError | None]:
    """Read the landed bytes; whatever a hostile file does to a reader ends here, as a typed error."""
    try:
        with raw_folder(extract) as raw:
            return read_stated(extract, raw), None
    except RollcallError as fault:
        return nothing_stated(), fault
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, OSError, pa.ArrowException) as fault:
        log.debug("reader failed with %s", type(fault).__name__)
        return nothing_stated(), UnreadableDelivery("The delivery is not what its format promises.")


def _read(extract: Extract) -> _Work:
    stated, error = read_or_fault(extract)
    return _Work(extract, stated, error, pupil_frame(stated.pupils, extract.night))


def _run_together(suite: Suite, frames: Iterable[pd.DataFrame]) -> list[dict[str, Rows]]:
    """Run a suite once over all frames; hand each its own broken rows back."""
    frames = list(frames)
    ends = np.cumsum([len(frame) for frame in frames])
    starts = ends - [len(frame) for frame in frames]
    filled: list[Any] = [frame for frame in frames if len(frame)]
    broken = run_suite(suite, pd.concat(filled, ignore_index=True) if filled else pd.DataFrame())
    shares = []
    for start, end in zip(starts, ends, strict=True):
        shares.append({rule: rows[(rows >= start) & (rows < end)] - start for rule, rows in broken.items()})
    return shares
