"""Secondary suppression: what else must be hidden so that no hidden count can be worked out from what is shown.

A reader who knows all sums and every count shown can bound each hidden count by linear programming. Where that range
is too narrow, the cheapest further counts are hidden that let it be wider: the incremental heuristic of Kelly, Golden
and Assad (1992), described in the Eurostat *Handbook on Statistical Disclosure Control*, chapter 4. In two-way tables
the ranges are exact for whole numbers too, as the sums are then those of a transport problem.
"""

from __future__ import annotations

from collections.abc import Collection
from math import log2
from typing import Any, Final

import numpy as np

from rollcall.report.disclosure.rules import SMALLEST_WIDTH
from rollcall.report.disclosure.tables import CountTable, Key

_TOLERANCE: Final = 1e-6
_TOTAL_COSTS: Final = 4
"""A total is hidden only where several parts would have to go in its place."""


def hidden_counts(table: CountTable, kept: Collection[Key] = (), *, by_family: bool = False) -> frozenset[Key]:
    """The counts of a table that a page must not show; neither ``unseen`` nor ``fixed`` ones are among them.

    ``kept``: counts that stay hidden because they are, or were, hidden in another document. ``by_family``: where the wanted
    width cannot be reached, the counts beside the small one go first, noughts too, and everything only if that is no help.
    Where the wanted width cannot be reached, because totals are shown elsewhere, everything else is hidden.
    """
    primary = table.primary()
    solver = _Solver(table, (primary | table.withheld | set(kept)) - table.fixed)
    for key in sorted(primary - table.fixed, key=lambda key: (table.counts[key], repr(key))):
        if not solver.protect(key) and not (by_family and solver.protect_by_family(key)):
            return frozenset(set(table.counts) - table.fixed - table.unseen)
    return frozenset(solver.hidden - table.unseen)


class _Solver:
    """The sums of one table as linear equations of *changes* of its counts, and what is hidden so far."""

    def __init__(self, table: CountTable, hidden: Collection[Key]) -> None:
        self.table = table
        self.keys = list(table.counts)
        self.place = {key: number for number, key in enumerate(self.keys)}
        self.counts = np.array([table.counts[key] for key in self.keys], dtype=float)
        # a nought is shown, so a reader knows that what is hidden is not one
        least = [
            min(count, 0 if key in table.maybe_nought | table.unseen else 1) for key, count in table.counts.items()
        ]
        self.room = self.counts - np.array(least, dtype=float)
        self.sums = _equations(table, self.place)
        totals = {total for total, _ in table.sums}
        self.costs = np.array(
            [(_TOTAL_COSTS if key in totals else 1) * (1 + log2(1 + count)) for key, count in table.counts.items()]
        )
        self.is_fixed = np.array([key in table.fixed for key in self.keys])
        self.is_free = np.array([key in hidden or key in table.unseen for key in self.keys])
        self.lowest = np.zeros(len(self.keys))
        self.highest = np.zeros(len(self.keys))

    @property
    def hidden(self) -> set[Key]:
        """Everything hidden or unseen."""
        return {key for key, free in zip(self.keys, self.is_free, strict=True) if free}

    def protect(self, key: Key) -> bool:
        """Hide what the range of this count needs; False where it cannot be wide enough."""
        place = self.place[key]
        if self._is_wide(place) or self._attack(place):
            return True
        # first as if the count could fall as low as it may: what lets it rise mostly lets it fall as well
        for up in (SMALLEST_WIDTH - self.room[place], SMALLEST_WIDTH):
            if self._hide_for(place, up) and self._attack(place):
                return True
        return self._hide_for(place, -min(SMALLEST_WIDTH, self.room[place])) and self._attack(place)

    def protect_by_family(self, key: Key) -> bool:
        """Hide all that adds up with this count in its column, noughts too, so that a reader cannot tell it from nought.

        Then all that adds up with those. False where even that leaves too narrow a range.
        """
        family = {key}
        for _ in range(2):
            family |= {
                member
                for total, parts in self.table.sums
                if not family.isdisjoint((total, *parts))
                for member in (total, *parts)
                if _column(member) == _column(key)
            }
            for place in (self.place[member] for member in family):
                self.room[place] = self.counts[place]
                self.is_free[place] |= not self.is_fixed[place]
            if self._attack(self.place[key]):
                return True
        return False

    def _is_wide(self, place: int) -> bool:
        return bool(self.highest[place] - self.lowest[place] >= SMALLEST_WIDTH - _TOLERANCE)

    def _attack(self, place: int) -> bool:
        """Move one count as far as what is shown allows, five at most; every solution widens other ranges as well."""
        lower = np.where(self.is_free, -self.room, 0)
        upper = np.where(self.is_free, np.inf, 0)
        upper[place] = SMALLEST_WIDTH
        aim = np.zeros(len(self.keys))
        for direction in (-1, 1):
            if not self._is_wide(place):
                aim[place] = -direction
                self._remember(_solve(aim, self.sums, np.column_stack([lower, upper])))
        return self._is_wide(place)

    def _hide_for(self, place: int, change: float) -> bool:
        """Hide the cheapest counts that let this one be higher (or lower) by ``change``; False where nothing lets it."""
        from scipy.sparse import hstack, vstack  # type: ignore[import-untyped]

        can_move = self.is_free | (~self.is_fixed & (self.counts > 0))
        most_up = np.where(can_move, np.inf, 0)
        most_down = np.where(can_move, self.room, 0)
        most_up[place], most_down[place] = max(change, 0), max(-change, 0)
        costs = np.where(self.is_free, 1e-3, self.costs)
        bounds = np.column_stack([np.zeros(2 * len(self.keys)), np.concatenate([most_up, most_down])])
        wanted = np.zeros((1, 2 * len(self.keys)))
        wanted[0, place], wanted[0, place + len(self.keys)] = 1, -1
        equations = vstack([hstack([self.sums, -self.sums]), wanted], format="csr")
        target = np.zeros(equations.shape[0])
        target[-1] = change
        solution = _solve(np.concatenate([costs, costs]), equations, bounds, target)
        if solution is None:
            return False
        changes = solution[: len(self.keys)] - solution[len(self.keys) :]
        self.is_free |= np.abs(changes) > _TOLERANCE
        self._remember(changes)
        return True

    def _remember(self, changes: Any) -> None:
        if changes is not None:
            self.lowest = np.minimum(self.lowest, changes)
            self.highest = np.maximum(self.highest, changes)


def _column(key: Key) -> object:
    return key[-1] if isinstance(key, tuple) else key


def _equations(table: CountTable, place: dict[Key, int]) -> Any:
    """The sums as a sparse matrix: one line each, the total less its parts."""
    from scipy.sparse import csr_matrix

    found = [
        (line, place[key], sign)
        for line, (total, parts) in enumerate(table.sums)
        for key, sign in ((total, 1.0), *((part, -1.0) for part in parts))
    ]
    lines, columns, signs = zip(*found, strict=True) if found else ((), (), ())
    return csr_matrix((signs, (lines, columns)), shape=(len(table.sums), len(place)))


def _solve(aim: Any, equations: Any, bounds: Any, target: Any = None) -> Any:
    from scipy.optimize import linprog  # type: ignore[import-untyped]

    target = np.zeros(equations.shape[0]) if target is None else target
    found = linprog(aim, A_eq=equations, b_eq=target, bounds=bounds, method="highs")
    return found.x if found.status == 0 else None
