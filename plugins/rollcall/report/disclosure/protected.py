"""A table whose hidden counts are known, and its texts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rollcall.report.disclosure.rules import HIDDEN, NOT_APPLICABLE, SMALLEST_DENOMINATOR, decimal_text
from rollcall.report.disclosure.secondary import hidden_counts
from rollcall.report.disclosure.tables import CountTable


@dataclass(frozen=True)
class Protected:
    """A table of counts and the keys that must not be shown. Ask it for texts; never print its counts."""

    table: CountTable
    hidden: frozenset[Hashable]

    def is_hidden(self, *key: str) -> bool:
        """Whether a count is hidden."""
        return _key(key) in self.hidden

    def count(self, *key: str) -> str:
        """A count's text: thousands separated, or ``c``."""
        return HIDDEN if self.is_hidden(*key) else f"{self.table.counts[_key(key)]:,}"

    def percent(self, row: str, part: str, whole: str) -> str:
        """A rate's text, % of the same row's ``whole``, to one decimal.

        ``c`` where one of the two is hidden or the whole is too small; ``z`` over nobody.
        """
        below, above = self.table.counts[row, part], self.table.counts[row, whole]
        if above == 0:
            return NOT_APPLICABLE
        if self.is_hidden(row, part) or self.is_hidden(row, whole) or above < SMALLEST_DENOMINATOR:
            return HIDDEN
        return decimal_text(below, above, 100)


def protect(table: CountTable) -> Protected:
    """The disclosure function for a whole table: hides what is small, and what would give it away."""
    return Protected(table, hidden_counts(table))


def _key(key: tuple[str, ...]) -> Hashable:
    return key if len(key) > 1 else key[0]
