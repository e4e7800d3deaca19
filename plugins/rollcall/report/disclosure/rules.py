"""The rules of disclosure, and single counts and rates under them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

SMALLEST_COUNT: Final = 5
"""Counts below this, and above nought, are hidden."""
SMALLEST_DENOMINATOR: Final = 23
"""Rates, and counts that would give one, are shown over so many children or more."""
SMALLEST_WIDTH: Final = 5
"""What can be worked out of a hidden count from all that is shown leaves a range as wide as this, or wider."""
FEWEST_SCHOOLS: Final = 2
"""A group of fewer schools would show that school's own figure."""

HIDDEN: Final = "c"
NOT_AVAILABLE: Final = "x"
NOT_APPLICABLE: Final = "z"
LOW: Final = "low"
SYMBOLS: Final = {
    HIDDEN: (
        "confidential: fewer than 5 children, a rate over fewer than 23, a group of one school, or a figure from which"
        " one of these could be worked out"
    ),
    NOT_AVAILABLE: "not available: nothing was possible, or nothing is known",
    NOT_APPLICABLE: "not applicable: no child of the row belongs to the measure's cohort",
    LOW: "not nought, but rounds to nought",
}


def is_small(count: int) -> bool:
    """Whether a count of children must not be shown as it is."""
    return 0 < count < SMALLEST_COUNT


def count_text(count: int) -> str:
    """A count that stands alone, as it may be shown: thousands separated, 1 to 4 as ``c``."""
    return HIDDEN if is_small(count) else f"{count:,}"


def rounded_text(count: int, base: int = 5) -> str:
    """A count, which may be negative, to the nearest ``base``, halves away from nought; ``low`` where only nought is left.

    Totals are rounded for themselves, so that rounded parts need not add up to them.
    """
    rounded = base * int((Decimal(abs(count)) / base).quantize(Decimal(1), ROUND_HALF_UP))
    if rounded == 0:
        return LOW if count else "0"
    return f"{'−' if count < 0 else ''}{rounded:,}"


def percent_text(part: int, whole: int, *, children: int, schools: int | None = None) -> str:
    """A percentage to one decimal, rounded half up from whole numbers.

    ``c`` over too few children, or where ``schools`` says that the group is a single school; ``x`` over none.
    """
    if whole <= 0:
        return NOT_AVAILABLE
    if children < SMALLEST_DENOMINATOR or (schools is not None and schools < FEWEST_SCHOOLS):
        return HIDDEN
    return decimal_text(part, whole, 100)


def decimal_text(part: int, whole: int, per: int) -> str:
    """``part`` of ``whole``, per so many, to one decimal, rounded half up from whole numbers."""
    return str((Decimal(per) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))
