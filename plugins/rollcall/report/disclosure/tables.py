"""Tables of counts: which counts a page shows, and which of them add up to which."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rollcall.report.disclosure.rules import FEWEST_SCHOOLS, SMALLEST_DENOMINATOR, is_small

Key = Hashable
ALL: Final = "All"
"""The name of the total's row, and of a grid's total column."""


@dataclass
class CountTable:
    """Counts by key, with everything that a reader knows of them.

    ``sums``: a total and its parts, as keys. ``unseen``: counts that nobody shows but everybody could work out, such as
    the children who are not persistently absent. ``fixed``: counts that are shown elsewhere, so that hiding them here
    would hide nothing. ``sensitive``: counts to hide whatever their size. ``maybe_nought``: counts of which a reader
    cannot tell, if they are hidden, that they are not nought. ``unguarded``: counts that tell of no child, however small.
    ``withheld``: noughts that are not shown, though a reader may work them out: nought tells of no child.
    """

    counts: dict[Key, int] = field(default_factory=dict)
    sums: list[tuple[Key, tuple[Key, ...]]] = field(default_factory=list)
    unseen: set[Key] = field(default_factory=set)
    fixed: set[Key] = field(default_factory=set)
    sensitive: set[Key] = field(default_factory=set)
    maybe_nought: set[Key] = field(default_factory=set)
    unguarded: set[Key] = field(default_factory=set)
    withheld: set[Key] = field(default_factory=set)

    def add(self, key: Key, count: int) -> None:
        """Put in a count; raises ``ValueError`` where it is negative or there already."""
        if count < 0 or key in self.counts:
            raise ValueError(f"{key}: a count is nought or more, and stands once")
        self.counts[key] = count

    def add_sum(self, total: Key, parts: Iterable[Key]) -> None:
        """Say that the parts add up to the total; raises ``ValueError`` where they do not."""
        parts = tuple(parts)
        if sum(self.counts[part] for part in parts) != self.counts[total]:
            raise ValueError(f"{total}: its parts do not add up to it")
        self.sums.append((total, parts))

    def primary(self) -> set[Key]:
        """The counts that must be hidden for what they are."""
        return ({key for key, count in self.counts.items() if is_small(count)} | self.sensitive) - self.unguarded


def nested_table(
    rows: Mapping[str, Sequence[int]],
    columns: Sequence[str],
    *,
    total: Sequence[int] | None = None,
    fixed: bool = True,
    schools: Mapping[str, int] | None = None,
    parents: Mapping[str, str] | None = None,
) -> CountTable:
    """A table whose columns count ever smaller parts of the same children, as enrolments, persistent, severe.

    Keys are (row, column). ``total`` is the row ``All`` that the rows add up to, ``fixed`` where it is shown elsewhere
    on the same page; None where no total is shown. ``schools``: how many schools each row rests on. ``parents``: rows
    that are the sum of other rows (child -> parent); only rows without a parent add up to the total. What lies
    between two columns is guarded too: 30 of 32 tells of the other two. Raises ``ValueError`` where parts and totals
    do not agree.
    """
    table = CountTable()
    everything = dict(rows) if total is None else {**rows, ALL: total}
    for row, counts in everything.items():
        _add_nested_row(table, row, dict(zip(columns, counts, strict=True)))
        if schools is not None and row in schools and schools[row] < FEWEST_SCHOOLS:
            table.sensitive |= {(row, column) for column, count in zip(columns, counts, strict=True) if count}
    above = dict(parents or {})
    families: dict[str, list[str]] = {}
    for row in rows:
        parent = above.get(row, ALL)
        if parent in everything:
            families.setdefault(parent, []).append(row)
    layers = [*columns, *[f"not {column}" for column in columns[1:]]]
    for parent, children in families.items():
        for layer in layers:
            table.add_sum((parent, layer), [(child, layer) for child in children])
    if fixed and total is not None:
        # a total that is itself too small is hidden wherever it would stand
        table.fixed |= {(ALL, column) for column in columns}
        table.fixed -= table.primary()
    return table


def linked_table(
    rows: Mapping[str, Sequence[int]], columns: Sequence[str], sums: Mapping[str, Sequence[str]]
) -> CountTable:
    """Nested rows that stand in several documents, with every sum between them: total row -> rows that add up to it.

    Keys are (row, column), guarded like those of ``nested_table``; a row may be part of several totals. Raises
    ``ValueError`` where parts and totals do not agree.
    """
    table = CountTable()
    for row, counts in rows.items():
        _add_nested_row(table, row, dict(zip(columns, counts, strict=True)))
    for total, parts in sums.items():
        for layer in [*columns, *[f"not {column}" for column in columns[1:]]]:
            table.add_sum((total, layer), [(part, layer) for part in parts])
    table.withheld = {key for key in table.sensitive if not table.counts[key]}
    table.sensitive -= table.withheld
    return table


def _add_nested_row(table: CountTable, row: str, counts: Mapping[str, int]) -> None:
    names = list(counts)
    for name in names:
        table.add((row, name), counts[name])
    for outer, inner in pairwise(names):
        rest = (row, f"not {inner}")
        table.add(rest, counts[outer] - counts[inner])
        table.unseen.add(rest)
        table.add_sum((row, outer), [rest, (row, inner)])
        if counts[inner] == counts[outer] > 0:
            # "all of them" would tell of each child
            table.sensitive.add((row, inner))
    # a count out of too few children would give the rate that is not shown
    if 0 < counts[names[0]] < SMALLEST_DENOMINATOR:
        few = {key for name in names[1:] for key in ((row, name), (row, f"not {name}"))}
        table.sensitive |= few
        table.maybe_nought |= few


def grid_table(
    rows: Mapping[str, Mapping[str, int]], *, row_totals: bool = True, column_totals: bool = True
) -> CountTable:
    """A table of rows by columns in which every child stands in one cell, with totals of rows and columns if shown.

    Keys are (row, column); totals stand under ``All``. Every row has the same columns.
    """
    table = CountTable()
    columns = list(next(iter(rows.values()), {}))
    for row, counts in rows.items():
        for column in columns:
            table.add((row, column), counts[column])
    if row_totals:
        for row, counts in rows.items():
            table.add((row, ALL), sum(counts.values()))
            table.add_sum((row, ALL), [(row, column) for column in columns])
    if column_totals:
        for column in [*columns, *([ALL] if row_totals else [])]:
            table.add((ALL, column), sum(table.counts[row, column] for row in rows))
            table.add_sum((ALL, column), [(row, column) for row in rows])
    return table
