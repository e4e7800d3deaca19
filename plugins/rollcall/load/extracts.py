"""Load one extract in one transaction: what it changes, its ledger row and the school's line of the night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from rollcall.city import City
from rollcall.errors import RollcallError
from rollcall.extract import Extract, Night, Verdict
from rollcall.load.holds import CODE, reason_of_hold
from rollcall.load.ledger import (
    close_ledger_row,
    is_loaded,
    is_superseded,
    knowledge_moment,
    open_ledger_row,
    reconcile,
    write_quarantine,
)
from rollcall.load.lines import NightLine, write_night_line
from rollcall.load.marks import (
    NO_DIFFERENCE,
    MarkDifference,
    apply_marks,
    compare_marks,
    touch_changed_spells,
    with_enrolments,
)
from rollcall.load.people import apply_people, count_vanished, stage_people, stage_vanished
from rollcall.load.persons import link_persons
from rollcall.load.roll import enrolments_of_school, is_roll_known, roll_digest
from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import Connection, take_writer_lock


@dataclass(frozen=True)
class LoadResult:
    """What loading one extract did: ``status`` is loaded, already loaded, superseded or held."""

    urn: int
    status: str
    reason: str | None
    difference: MarkDifference


@dataclass(frozen=True)
class Accepted:
    """An extract with everything the validate stage wrote beside it."""

    extract: Extract
    verdict: Verdict
    pupils: pa.Table
    marks: pa.Table
    quarantine: pa.Table
    pupils_withheld: pa.Table
    marks_withheld: pa.Table


def load_extract(connection: Connection, city: City, accepted: Accepted, *, release: bool = False) -> LoadResult:
    """Load one extract in the connection's transaction.

    ``release`` lets an extract pass that the circuit breaker or a critical rule held (a person confirmed it).
    Raises ``WriterBusy`` where another run is writing. Loading it again changes nothing.
    """
    extract, verdict = accepted.extract, accepted.verdict
    take_writer_lock(connection)
    if is_loaded(connection, extract):
        return LoadResult(extract.urn, "already loaded", None, NO_DIFFERENCE)
    known_at = knowledge_moment(connection, extract)
    extract_id = open_ledger_row(connection, extract, verdict, known_at)
    write_quarantine(connection, extract, accepted.quarantine)
    if is_superseded(connection, extract):
        reason = "A newer register of this school was loaded before; this older one is kept but not used."
        return _refuse(connection, accepted, extract_id, "superseded", "RC340", reason)
    by_hand = None if release else reason_of_hold(connection, extract.urn)
    if by_hand and verdict.status != "held":
        return _refuse(connection, accepted, extract_id, "held", CODE, by_hand)
    if verdict.status == "held" and not release:
        return _refuse(connection, accepted, extract_id, "held", verdict.reason_code, verdict.reason)
    as_at = min(extract.scope_to or extract.night, extract.night)
    digest = roll_digest(extract, accepted.pupils, accepted.pupils_withheld)
    is_new_roll = not is_roll_known(connection, extract.urn, digest)
    if is_new_roll:
        stage_people(connection, extract.urn, accepted.pupils, accepted.pupils_withheld, as_at)
    enrolments = enrolments_of_school(connection, extract.urn, is_staged=is_new_roll)
    marks = with_enrolments(accepted.marks, enrolments)
    in_scope = _enrolments_in_scope(accepted.pupils, marks, enrolments)
    difference = compare_marks(connection, extract, marks, accepted.marks_withheld, in_scope)
    trip = None if release else _breaker(connection, city, extract, difference, as_at if is_new_roll else None)
    if trip:
        return _refuse(connection, accepted, extract_id, "held", "RC331", trip)
    knowledge = Knowledge(known_at, extract_id)
    if is_new_roll:
        _apply_roll(connection, city, extract, knowledge, as_at)
    _apply(connection, city, accepted, knowledge, difference, digest)
    return LoadResult(extract.urn, "loaded", None, difference)


def _apply_roll(connection: Connection, city: City, extract: Extract, knowledge: Knowledge, as_at: date) -> None:
    if extract.pupils_mode == "snapshot" and extract.is_complete:
        stage_vanished(connection, extract.urn, as_at)
    apply_people(connection, knowledge)
    link_persons(connection, knowledge)
    touch_changed_spells(connection, knowledge, city.academic_year_of(as_at).first_day, extract.night)


def _apply(
    connection: Connection,
    city: City,
    accepted: Accepted,
    knowledge: Knowledge,
    difference: MarkDifference,
    digest: str,
) -> None:
    apply_marks(connection, knowledge)
    close_ledger_row(connection, knowledge.extract_id, "loaded", None, difference, digest)
    reconcile(connection, accepted.extract, accepted.verdict, difference)
    write_line_of_loaded(connection, city, accepted, knowledge, difference)


def write_line_of_loaded(
    connection: Connection, city: City, accepted: Accepted, knowledge: Knowledge, difference: MarkDifference
) -> None:
    """Write the school's line for a register that came: ``in``, or ``late`` where it ends before the night."""
    extract, verdict = accepted.extract, accepted.verdict
    is_late = extract.scope_to is not None and extract.scope_to < _last_school_day(city, extract)
    write_night_line(
        connection,
        NightLine(
            urn=extract.urn,
            night=extract.night,
            known_at=knowledge.known_at,
            status="late" if is_late else "in",
            reason_code="RC211" if is_late else None,
            reason=f"The register sent ends on {extract.scope_to}." if is_late else None,
            next_action="Ask the school for its latest sessions." if is_late else None,
            extract_id=knowledge.extract_id,
            rows_in=verdict.marks_in + verdict.pupils_in,
            rows_quarantined=verdict.marks_quarantined + verdict.pupils_quarantined,
            difference=difference,
            source_time=extract.source_time,
        ),
    )


def record_failure(connection: Connection, urn: int, night: Night, error: RollcallError, status: str) -> None:
    """Write the line of a school that sent nothing (``silent``) or could not be read (``failed``)."""
    line = NightLine(
        urn=urn,
        night=night.date,
        known_at=night.known_at,
        status=status,
        reason_code=error.code,
        reason=error.reason,
        next_action=error.next_action.replace("URN", str(urn)),
    )
    write_night_line(connection, line)


def may_be_released(reason_code: str, verdict: Verdict) -> bool:
    """Whether a person may confirm a held extract: not one that is unreadable, another school's or without a pupil,
    because an empty register must never end a roll."""
    return reason_code not in ("RC310", "RC320") and verdict.pupils_accepted > 0


def _refuse(
    connection: Connection, accepted: Accepted, extract_id: int, status: str, code: str, reason: str
) -> LoadResult:
    extract, verdict = accepted.extract, accepted.verdict
    close_ledger_row(connection, extract_id, status, reason, NO_DIFFERENCE)
    if status == "held":
        action = (
            f"Ask the school; if it confirms, `rollcall release {extract.urn} {extract.night}`."
            if may_be_released(code, verdict)
            else "Ask the school to send its register again."
        )
        write_night_line(
            connection,
            NightLine(
                urn=extract.urn,
                night=extract.night,
                known_at=extract.known_at,
                status="held",
                reason_code=code,
                reason=reason,
                next_action=action,
                extract_id=extract_id,
                rows_in=verdict.marks_in + verdict.pupils_in,
                rows_quarantined=verdict.marks_quarantined + verdict.pupils_quarantined,
                source_time=extract.source_time,
            ),
        )
    return LoadResult(extract.urn, status, reason, NO_DIFFERENCE)


def _breaker(
    connection: Connection, city: City, extract: Extract, difference: MarkDifference, as_at: date | None
) -> str | None:
    """Why the circuit breaker trips, or None: mass disappearance is a fault of the extract until a person says no.

    ``as_at`` is None where the roll is known to be the same.
    """
    if as_at is not None and extract.pupils_mode == "snapshot" and extract.is_complete:
        gone, on_roll = count_vanished(connection, extract.urn, as_at)
        limit = int(city.threshold("breaker_pupils_pct"))
        if gone >= int(city.threshold("breaker_min_pupils")) and 100 * gone > limit * on_roll:
            return f"{gone} of {on_roll} pupils are gone from the roll overnight (limit {limit} %)."
    limit = int(city.threshold("breaker_marks_pct"))
    if 100 * difference.removed > limit * difference.known_in_scope > 0:
        return f"{difference.removed} of {difference.known_in_scope} known marks would be removed (limit {limit} %)."
    return None


def _enrolments_in_scope(pupils: pa.Table, marks: pa.Table, enrolments: pa.Table) -> list[int]:
    """Enrolments whose known marks the extract speaks of: those that it lists, and those that it has marks for."""
    listed = pupils.select(["pupil_id", "entry_date"]).join(
        enrolments, keys=["pupil_id", "entry_date"], join_type="inner"
    )
    return sorted({*listed["enrolment_id"].to_pylist(), *marks["enrolment_id"].unique().to_pylist()})


def _last_school_day(city: City, extract: Extract) -> date:
    days = [day for day in city.school_days(extract.urn) if day <= extract.night]
    return days[-1] if days else extract.night
