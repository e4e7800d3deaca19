"""What the board packs of a publication hide: decided once for all of them, because one reader may lay them side by side.

A school's own pack, its trust's pack, the phase that both stand beside and the city report show sums of the same
counts. First the headlines of every school, trust and phase are one table; then, for each trust and dimension, the groups
of all its schools are one, in which the headlines stand as decided. A count once hidden in the academic year stays hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rollcall.report.disclosure import (
    ALL,
    FEWEST_SCHOOLS,
    CountTable,
    Protected,
    hidden_counts,
    linked_table,
)
from rollcall.report.plan_queries import ALL_GROUPS, ALL_SCHOOLS, COLUMNS, DIMENSIONS
from rollcall.report.reading import Reader, Row

Counts = tuple[int, ...]
Key = tuple[str, str, str, str]
"""Area (a URN, ``trust ...``, ``phase ...``), dimension and group (both empty for a headline), column."""
OTHERS: Final = ("Alternative provision", "Nursery", "Independent")
"""The phases that the city report shows with every age: its table of phases outside DfE's statistics."""


@dataclass(frozen=True)
class Plan:
    """Every count that a board pack of this publication could show, and those that none shows."""

    counts: Mapping[Key, int]
    hidden: frozenset[Key]

    def headline(self, area: str) -> Protected:
        """The headline of an area, as the row ``All``."""
        return self._protected({ALL: (area, "", "")})

    def schools(self, urns: Iterable[int]) -> Protected:
        """The headlines of schools, by URN."""
        return self._protected({str(urn): (str(urn), "", "") for urn in urns})

    def groups(self, area: str, dimension: str, names: Iterable[str]) -> Protected:
        """The groups of one dimension of an area."""
        return self._protected({name: (area, dimension, name) for name in names})

    def _protected(self, rows: dict[str, tuple[str, str, str]]) -> Protected:
        keys: dict[Any, Key] = {(row, column): (*place, column) for row, place in rows.items() for column in COLUMNS}
        counts: dict[Any, int] = {short: self.counts[key] for short, key in keys.items()}
        return Protected(CountTable(counts), frozenset(short for short, key in keys.items() if key in self.hidden))


def phases_name(phases: Iterable[str]) -> str:
    """The area of several phases together, as a trust stands beside them."""
    return f"phase {' and '.join(sorted(set(phases)))}"


def make_plan(reader: Reader, kept: Collection[Key] = ()) -> Plan:
    """Decide for the published set; ``kept`` are the counts that earlier editions of the year hid."""
    schools = reader.rows(ALL_SCHOOLS)
    groups = reader.rows(ALL_GROUPS, dimensions=list(DIMENSIONS))
    table, hidden = _headlines(schools, kept, others_hidden(schools))
    counts: dict[Key, int] = {(row, "", "", column): table.counts[row, column] for row, column in _shown_keys(table)}
    decided: set[Key] = {(row, "", "", column) for row, column in hidden}
    for urns, trust in _families(schools):
        for dimension in DIMENSIONS:
            own = [row for row in groups if row["dimension"] == dimension and row["urn"] in urns]
            if own:
                _decide_groups(own, urns, trust, dimension, counts, decided, kept)
    return Plan(counts, frozenset(decided))


def others_hidden(schools: list[Row]) -> frozenset[tuple[str, str]]:
    """What the city report hides of the phases that it shows with every age: (phase, column).

    Their schools' own packs show the parts, so that these totals must leave room for what those hide.
    """
    _, hidden = _headlines(schools, (), None)
    return frozenset((name, column) for name in OTHERS for column in COLUMNS if (f"phase {name}", column) in hidden)


def _headlines(
    schools: list[Row], kept: Collection[Key], others: frozenset[tuple[str, str]] | None
) -> tuple[CountTable, frozenset[Any]]:
    """The headlines of schools, trusts and phases as one table, and what of it is hidden; ``others``: decided before."""
    rows, sums = _headline_rows(schools)
    table = linked_table(rows, COLUMNS, sums)
    for name in OTHERS:
        if f"phase {name}" in rows and sum(row["dfe_phase"] == name for row in schools) < FEWEST_SCHOOLS:
            table.sensitive |= {
                (f"phase {name}", column) for column in COLUMNS if table.counts[f"phase {name}", column]
            }
        if f"phase {name}" in rows and others is not None:
            for column in COLUMNS:
                (table.sensitive if (name, column) in others else table.fixed).add((f"phase {name}", column))
    stay = {(area, column) for area, dimension, _, column in kept if not dimension and (area, column) in table.counts}
    return table, hidden_counts(table, stay, by_family=True)


def _headline_rows(schools: list[Row]) -> tuple[dict[str, Counts], dict[str, list[str]]]:
    rows = {str(row["urn"]): _counts(row) for row in schools}
    sums: dict[str, list[str]] = {}
    for row in schools:
        for area in ([f"trust {row['trust']}"] if row["trust"] else []) + [f"phase {row['dfe_phase']}"]:
            sums.setdefault(area, []).append(str(row["urn"]))
    for trust in sorted({row["trust"] for row in schools if row["trust"]}):
        phases = {row["dfe_phase"] for row in schools if row["trust"] == trust}
        if len(phases) > 1:
            sums[phases_name(phases)] = [f"phase {phase}" for phase in sorted(phases)]
    for area, parts in sums.items():
        rows[area] = tuple(sum(rows[part][place] for part in parts) for place in range(len(COLUMNS)))
    return rows, sums


def _families(schools: list[Row]) -> list[tuple[list[int], str]]:
    """The schools of each trust, and each school without one alone."""
    trusts: dict[str, list[int]] = {}
    for row in schools:
        if row["trust"]:
            trusts.setdefault(row["trust"], []).append(row["urn"])
    alone = [([row["urn"]], "") for row in schools if not row["trust"]]
    return [*[(urns, trust) for trust, urns in trusts.items()], *alone]


def _decide_groups(
    rows: list[Row],
    urns: list[int],
    trust: str,
    dimension: str,
    counts: dict[Key, int],
    decided: set[Key],
    kept: Collection[Key],
) -> None:
    """One dimension of a trust's schools and of the trust: cells, their sums by school and by group, the headlines."""
    cells, sums = _group_cells(rows, urns, trust)
    names = {cell: "\t".join(cell) for cell in cells}
    table = linked_table(
        {names[cell]: own for cell, own in cells.items()},
        COLUMNS,
        {names[total]: [names[part] for part in parts] for total, parts in sums.items()},
    )
    stay = set()
    for (area, name), row in names.items():
        for column in COLUMNS:
            headline = (area, "", "", column)
            if name:
                counts[area, dimension, name, column] = table.counts[row, column]
                stay |= {(row, column)} if (area, dimension, name, column) in kept else set()
            elif headline in decided:
                table.sensitive.add((row, column))
                stay |= _withhold(table, [(other, column) for cell, other in names.items() if cell[0] == area])
            elif counts.get(headline) == table.counts[row, column]:
                table.fixed.add((row, column))
    table.fixed -= table.primary()
    of_row = {row: cell for cell, row in names.items()}
    hidden: frozenset[Any] = hidden_counts(table, stay, by_family=True)
    for row, column in hidden:
        area, name = of_row[row]
        if name:
            decided.add((area, dimension, name, column))


def _withhold(table: CountTable, column: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Where the headline is hidden none of its groups is shown, noughts neither: the rest would tell how it is made up."""
    table.maybe_nought |= set(column)
    table.withheld |= {key for key in column if not table.counts[key]}
    return set(column)


def _group_cells(
    rows: list[Row], urns: list[int], trust: str
) -> tuple[dict[tuple[str, str], Counts], dict[tuple[str, str], list[tuple[str, str]]]]:
    """Counts by (area, group), with the headlines as group "", and which of them add up to which."""
    areas = {str(urn): [row for row in rows if row["urn"] == urn] for urn in urns}
    cells = {(area, str(row["group_name"])): _counts(row) for area, own in areas.items() for row in own}
    sums = {(area, ""): [(area, str(row["group_name"])) for row in own] for area, own in areas.items() if own}
    if trust:
        above = f"trust {trust}"
        for name in sorted({row["group_name"] for row in rows}):
            sums[above, name] = [cell for cell in cells if cell[1] == name]
        sums[above, ""] = [cell for cell in sums if cell[0] == above]
    for total, parts in sums.items():
        cells[total] = tuple(sum(cells[part][place] for part in parts) for place in range(len(COLUMNS)))
    return cells, sums


def all_counts(schools: list[Row], groups: list[Row]) -> dict[Key, int]:
    """Every count that a board pack could show."""
    rows, _ = _headline_rows(schools)
    counts: dict[Key, int] = {
        (area, "", "", column): count for area, own in rows.items() for column, count in zip(COLUMNS, own, strict=True)
    }
    trust_of = {row["urn"]: row["trust"] for row in schools}
    for row in groups:
        if row["urn"] not in trust_of:
            continue
        trust = trust_of[row["urn"]]
        for area in [str(row["urn"]), *([f"trust {trust}"] if trust else [])]:
            for column, count in zip(COLUMNS, _counts(row), strict=True):
                key = (area, row["dimension"], row["group_name"], column)
                counts[key] = counts.get(key, 0) + count
    return counts


def _shown_keys(table: CountTable) -> list[tuple[str, str]]:
    return [key for key in table.counts if isinstance(key, tuple) and key[1] in COLUMNS]


def _counts(row: Row) -> Counts:
    return (row["enrolments"], row["persistent"], row["severe"])
