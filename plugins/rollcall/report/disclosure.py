"""The disclosure function: every count and rate that leaves for leaders, boards or the public passes here.

Rules (city policy, to be confirmed with the data protection officer): a count of 1 to 4 is shown as ``c``; a rate is
shown only over at least 23 children (denominators of 22.5 and less are the rule of thumb of UK official statistics), and
never for a group of one school, whose own figure it would be (as DfE's attendance statistics do). Zero stays zero.
Tables that pass here show no total from which a hidden count could be subtracted.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

SMALLEST_COUNT: Final = 5
SMALLEST_DENOMINATOR: Final = 23
HIDDEN: Final = "c"
NOT_AVAILABLE: Final = "x"


def count_text(count: int) -> str:
    """A count as it may be shown: thousands separated, 1 to 4 as ``c``."""
    return HIDDEN if 0 < count < SMALLEST_COUNT else f"{count:,}"


def percent_text(part: int, whole: int, *, children: int, schools: int | None = None) -> str:
    """A percentage to one decimal, rounded half up from whole numbers.

    ``c`` over too few children, or where ``schools`` says that the group is a single school; ``x`` over none.
    """
    if whole <= 0:
        return NOT_AVAILABLE
    if children < SMALLEST_DENOMINATOR or schools == 1:
        return HIDDEN
    return str((Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))
