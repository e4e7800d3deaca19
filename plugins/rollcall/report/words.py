"""How numbers, days and shares read on a page."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from rollcall.report.disclosure import HIDDEN, NOT_AVAILABLE, SMALLEST_DENOMINATOR


def day_text(day: date | None) -> str:
    """A day as 23 November 2026."""
    return f"{day.day} {day:%B %Y}" if day else "none yet"


def coverage_text(known: int, expected: int) -> str:
    """Sessions known, % of expected, rounded *down*: what is not wholly known never reads as 100.0."""
    if expected <= 0:
        return NOT_AVAILABLE
    return str((Decimal(100) * known / expected).quantize(Decimal("0.1"), ROUND_DOWN))


def points_text(change: float) -> str:
    """A difference of two percentages, as +1.2 or −0.3."""
    rounded = round(change, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"


def published_text(value: Decimal | None) -> str:
    """A published percentage to one decimal, rounded half up as DfE does; ``x`` where none is held."""
    return NOT_AVAILABLE if value is None else str(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


def share(part: int, whole: int, children: int) -> float | None:
    """A percentage for a chart, or None where the disclosure function would hide it."""
    return 100 * part / whole if whole > 0 and children >= SMALLEST_DENOMINATOR else None


def is_number(text: str) -> bool:
    """Whether a text of the disclosure function is a number and not a sign."""
    return text not in (HIDDEN, NOT_AVAILABLE, "z", "low")
