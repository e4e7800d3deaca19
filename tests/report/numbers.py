"""Numbers of a page before they are text, and the text that each must have where nothing hides it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Count:
    """A number of the page as a whole number."""

    value: int


@dataclass(frozen=True)
class Rounded:
    """A number of the page to the nearest five."""

    value: int


@dataclass(frozen=True)
class Rate:
    """A share of the page, per so many."""

    part: int
    whole: int
    per: int = 100
    rounding: str = ROUND_HALF_UP


@dataclass(frozen=True)
class Words:
    """A text of the page as it must stand."""

    text: str


def text_of(number: Count | Rounded | Rate | Words) -> str:
    """The text that nothing hides."""
    if isinstance(number, Words):
        return number.text
    if isinstance(number, Count):
        return f"{number.value:,}"
    if isinstance(number, Rounded):
        nearest = (abs(number.value) + 2) // 5 * 5
        if nearest == 0:
            return "low" if number.value else "0"
        return ("−" if number.value < 0 else "") + f"{nearest:,}"
    if number.whole == 0:
        return "z" if number.rounding == ROUND_HALF_UP else "x"
    return str((Decimal(number.per) * number.part / number.whole).quantize(Decimal("0.1"), number.rounding))


def coverage(known: int, expected: int) -> Rate:
    """A share of known sessions: rounded down."""
    return Rate(known, expected, rounding=ROUND_DOWN)
