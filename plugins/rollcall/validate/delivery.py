"""The delivery as a whole: what the extract suite sees of it, and why it is held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from rollcall.city import City
from rollcall.errors import ExtractHeld, RollcallError, UnreadableDelivery, WrongSchool
from rollcall.extract import Extract
from rollcall.validate.results import Outcome
from rollcall.validate.rules import Rows, Suite

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
REPLACING: Final = ("snapshot", "window")


def delivery_facts(outcome: Outcome, city: City) -> dict[str, Any]:
    """One row for the extract suite: facts (None = cannot be known) and the counts that its faults speak of."""
    extract, control = outcome.extract, outcome.extract.control or {}
    error = outcome.error or _control_fault(control)
    counts = outcome.counts()
    limit = int(city.threshold("quarantine_hold_pct"))
    is_whole = error is None
    has_scope = (
        extract.scope_from is not None and extract.scope_to is not None and extract.scope_from <= extract.scope_to
    )
    return counts | {
        "is_readable": is_whole,
        "read_fault": error.reason if error else "",
        "is_right_school": _same(control.get("urn"), extract.urn),
        "is_scope_stated": has_scope if extract.marks_mode in REPLACING else None,
        "is_taken_in_time": extract.source_time <= extract.known_at + CLOCK_TOLERANCE,
        "control_pupils": control.get("pupils"),
        "control_marks": control.get("marks"),
        "is_pupil_count_right": _same(control.get("pupils"), counts["pupils_in"]) if is_whole else None,
        "is_mark_count_right": _same(control.get("marks"), counts["marks_in"]) if is_whole else None,
        "has_pupils": counts["pupils_in"] > 0 if is_whole and extract.pupils_mode == "snapshot" else None,
        "has_marks": counts["marks_in"] > 0 if is_whole and _was_open(extract, city) else None,
        "pupils_over_limit": max(0, 100 * counts["pupils_quarantined"] - limit * counts["pupils_in"]),
        "marks_over_limit": max(0, 100 * counts["marks_quarantined"] - limit * counts["marks_in"]),
    }


def hold_reason(outcome: Outcome, row: dict[str, Any], suite: Suite, broken: Mapping[str, Rows]) -> tuple[str, str]:
    """Reason code and sentence of the first rule that holds the extract; two empty texts where none does."""
    for rule in suite.rules:
        if rule.on_fail == "hold" and len(broken[rule.id]):
            error: RollcallError = outcome.error or _control_fault(outcome.extract.control or {}) or ExtractHeld("")
            if rule.id == "delivery_is_from_this_school":
                error = WrongSchool("")
            elif rule.id != "delivery_can_be_read":
                error = ExtractHeld("")
            return error.code, f"{rule.id}: {rule.fault.format_map(row)}"
    return "", ""


def _control_fault(control: dict[str, Any]) -> RollcallError | None:
    """The connector lands a broken control file or sheet too, with what is wrong with it: that is said here."""
    if control.get("fault"):
        return UnreadableDelivery(str(control["fault"]))
    return None


def _same(stated: Any, found: int) -> bool | None:
    return None if stated is None else stated == found


def _was_open(extract: Extract, city: City) -> bool:
    """Whether marks are due: the night's own day is a school day, or the replaced scope holds one."""
    first, last = extract.night, extract.night
    if extract.marks_mode in REPLACING and extract.scope_from and extract.scope_to:
        first, last = extract.scope_from, min(extract.scope_to, extract.night)
    return any(first <= day <= last for day in city.school_days(extract.urn))
