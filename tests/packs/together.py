"""Everything that one reader could lay side by side: the board packs of all schools and trusts, and the city report.

It works on the pages and on counts that it asks of the database itself; nothing is shared with what decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from tests.packs.attack import COLUMNS, DIMENSIONS
from tests.report.attacker import ranges
from tests.tiny_city import TinyCity

Cell = tuple[str, str, str, str]
"""Area (URN, ``trust ...``, ``phase ...``), dimension, group (both empty for a headline), column or rest."""
Sums = list[tuple[Cell, list[Cell]]]
RESTS = ("not persistent", "not severe")
OTHERS = ("Alternative provision", "Nursery", "Independent")
_COUNTS = "sum(enrolments), sum(enrolments_persistently_absent), sum(enrolments_severely_absent)"


def truth_of(tiny: TinyCity) -> tuple[dict[Cell, int], Sums]:
    """Every count that any of the documents is made of, shown or not, and every sum between them."""
    schools = tiny.rows(
        f"select absence.urn::text, schools.trust, schools.dfe_phase, {_COUNTS} from serve.agg_school_absence as absence"
        " inner join serve.dim_schools as schools on absence.urn = schools.urn"
        " where period_type = 'year' and sessions_possible > 0 group by 1, 2, 3"
    )
    groups = tiny.rows(
        f"select area, dimension, group_name, {_COUNTS} from serve.agg_group_absence where area_type = 'school'"
        " and period_type = 'year' and dimension = any(%s) and enrolments > 0 group by 1, 2, 3",
        [list(DIMENSIONS)],
    )
    found: dict[Cell, list[int]] = {}
    parts: dict[tuple[str, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    above: dict[str, list[str]] = {}
    for urn, trust, phase, *counts in schools:
        found[urn, "", "", ""] = [int(count) for count in counts]
        above[urn] = [f"phase {phase}", *([f"trust {trust}"] if trust else [])]
        for area in above[urn]:
            parts[area, "", ""].add((urn, "", ""))
    for urn, dimension, name, *counts in groups:
        if urn in above:
            found[urn, dimension, name, ""] = [int(count) for count in counts]
            for area in above[urn][1:]:
                parts[area, dimension, name].add((urn, dimension, name))
    for total, rows in parts.items():
        found[*total, ""] = [sum(found[*row, ""][place] for row in rows) for place in range(3)]
    for area, dimension, name, _ in list(found):
        if dimension and name and not area.startswith("phase"):
            # the dimension of an area adds up to its headline; the key of the dimension only keeps them apart
            parts[area, "", f"by {dimension}"].add((area, dimension, name))
    return _with_rests(found, parts)


def _with_rests(
    found: dict[Cell, list[int]], parts: dict[tuple[str, str, str], set[tuple[str, str, str]]]
) -> tuple[dict[Cell, int], Sums]:
    counts_of: dict[Cell, int] = {}
    sums: Sums = []
    for area, dimension, name, _ in found:
        row, counts = (area, dimension, name), found[area, dimension, name, ""]
        counts_of.update({(*row, column): count for column, count in zip(COLUMNS, counts, strict=True)})
        counts_of[*row, "not persistent"] = counts[0] - counts[1]
        counts_of[*row, "not severe"] = counts[1] - counts[2]
        sums.append(((*row, "enrolments"), [(*row, "persistent"), (*row, "not persistent")]))
        sums.append(((*row, "persistent"), [(*row, "severe"), (*row, "not severe")]))
    for (area, dimension, name), rows in parts.items():
        total = (area, "", "") if name.startswith("by ") else (area, dimension, name)
        for layer in (*COLUMNS, *RESTS):
            sums.append(((*total, layer), [(*row, layer) for row in sorted(rows)]))
    assert all(counts_of[total] == sum(counts_of[part] for part in rows) for total, rows in sums)
    return counts_of, sums


def signs_of(html: str, area: str, phases: list[str]) -> dict[Cell, set[str]]:
    """What one board pack says of each count: its text, a number or ``c``."""
    said: dict[Cell, set[str]] = defaultdict(set)
    for family, column, key, text in re.findall(r'data-measure="(\w+)\.(\w+)" data-key="([^"]*)">([^<]*)<', html):
        if column not in COLUMNS:
            continue
        if family == "headline" and key == "own":
            said[area, "", "", column].add(text)
        elif family == "headline" and len(phases) == 1:
            said[f"phase {phases[0]}", "", "", column].add(text)
        elif family == "schools":
            said[key, "", "", column].add(text)
        elif family == "groups":
            dimension, _, name = key.partition("|")
            said[area, dimension, name, column].add(text)
    return said


def signs_of_report(html: str) -> dict[Cell, set[str]]:
    """What the city report says of the phases that it shows with every age."""
    found = re.findall(r'data-measure="others\.(\w+)" data-key="([^"]*)">([^<]*)<', html)
    return {(f"phase {phase}", "", "", column): {text} for column, phase, text in found if column in COLUMNS}


def seen_of(said: Mapping[Cell, set[str]]) -> tuple[dict[Cell, int], set[Cell]]:
    """The counts that are shown, and those that are hidden wherever they stand; never both."""
    both = {cell: texts for cell, texts in said.items() if len(texts) > 1}
    assert both == {}, "documents disagree"
    texts = {cell: next(iter(found)) for cell, found in said.items()}
    return (
        {cell: int(text.replace(",", "")) for cell, text in texts.items() if text != "c"},
        {cell for cell, text in texts.items() if text == "c"},
    )


def narrow(
    counts: Mapping[Cell, int], sums: Sums, seen: Mapping[Cell, int], only: str | None = None
) -> dict[Cell, tuple[int, float, float]]:
    """Small counts, and small rests, that a reader can bound to a range under five: count, least, most.

    ``only``: of this dimension, where a test need not ask for all.
    """
    small = [
        cell
        for cell, count in counts.items()
        if 0 < count < 5 and not cell[0].startswith("phase") and only in (None, cell[1])
    ]
    assert not [cell for cell in small if cell in seen], "a small count is shown"
    blocks = {(area, dimension, column) for (area, dimension, _, column), count in seen.items() if count == 0}
    least = {
        cell: 1
        for cell, count in counts.items()
        if cell[3] in COLUMNS
        and count
        and cell not in seen
        and (cell[0], cell[1], cell[3]) in blocks
        # of fewer than 23 children no count is shown, so that nobody can tell nought from another
        and counts[*cell[:3], "enrolments"] >= 23
    }
    found = ranges(seen, small, sums, least)
    return {cell: (counts[cell], *ends) for cell, ends in found.items() if ends[1] - ends[0] < 5 - 1e-6}
