"""A reader with pencil, paper and a linear programme: what can be worked out of a hidden count from what is shown.

It knows nothing of how the page was made: it is given the counts that it sees, the sums that it knows, and works on the
counts themselves. Nothing here is shared with the disclosure function.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_array

Sums = Iterable[tuple[Hashable, Iterable[Hashable]]]


def ranges(
    seen: Mapping[Hashable, float], asked: Iterable[Hashable], sums: Sums, least: Mapping[Hashable, float] | None = None
) -> dict[Hashable, tuple[float, float]]:
    """The least and the most that each count asked for can be; infinite where nothing bounds it.

    ``least`` is what the reader knows each unseen count to be at least, nought unless it says otherwise.
    """
    sums = [(total, tuple(parts)) for total, parts in sums]
    asked = list(asked)
    keys = list({*seen, *asked, *(total for total, _ in sums), *(part for _, parts in sums for part in parts)})
    place = {key: number for number, key in enumerate(keys)}
    lines = lil_array((len(sums), len(keys)))
    for line, (total, parts) in enumerate(sums):
        lines[line, place[total]] = -1
        for part in parts:
            lines[line, place[part]] += 1
    equations = lines.tocsr()
    floor = least or {}
    bounds = [(seen[key], seen[key]) if key in seen else (floor.get(key, 0), None) for key in keys]
    found = {}
    for key in asked:
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(keys))
            aim[place[key]] = sign
            answer = linprog(aim, A_eq=equations, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
            assert answer.status in (0, 3), f"{key}: what is shown contradicts itself: {answer.message}"
            ends.append(sign * answer.fun if answer.status == 0 else sign * -np.inf)
        found[key] = (ends[0], ends[1])
    return found


def possible_tables(rows: int, columns: int, seen: Mapping[tuple[int, int], int], most: int) -> list[np.ndarray]:
    """Every table of whole numbers, one or more where hidden, that fits what is seen: cells, totals in the last places."""
    hidden = [key for key in product(range(rows), range(columns)) if key not in seen]
    tables = []
    for guess in product(range(1, most + 1), repeat=len(hidden)):
        table = np.zeros((rows + 1, columns + 1), dtype=int)
        for key in product(range(rows), range(columns)):
            table[key] = seen[key] if key in seen else guess[hidden.index(key)]
        table[:rows, columns] = table[:rows, :columns].sum(axis=1)
        table[rows, :] = table[:rows, :].sum(axis=0)
        if all(table[key] == count for key, count in seen.items()):
            tables.append(table)
    return tables
