"""Spells of absence: each enrolment's missed sessions arranged in runs, without overlap, with weekday and season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LENGTHS = np.array([1, 2, 3, 4, 6, 8, 10, 20, 40])
CHANCES = (
    np.array([0.34, 0.37, 0.04, 0.11, 0.06, 0.03, 0.05, 0.0, 0.0]),
    np.array([0.28, 0.36, 0.04, 0.12, 0.08, 0.02, 0.07, 0.03, 0.0]),
    np.array([0.10, 0.18, 0.02, 0.10, 0.10, 0.05, 0.20, 0.15, 0.10]),
)


@dataclass
class Spells:
    """Runs of absence: the enrolment's place, the first possible session within it, the length in sessions and the
    rate class (0 to 2).
    """

    owner: np.ndarray
    start: np.ndarray
    length: np.ndarray
    level: np.ndarray


def draw_spells(quota: np.ndarray, size: np.ndarray, weekday_of_first: np.ndarray, rng: np.random.Generator) -> Spells:
    """Runs that fill each enrolment's `quota` of its `size` possible sessions exactly. `weekday_of_first` steers
    runs to Fridays.
    """
    level = np.select([quota * 10 < size, quota * 2 < size], [0, 1], 2)
    owners, lengths = [], []
    for place, chance in enumerate(CHANCES):
        mine = np.flatnonzero((level == place) & (quota > 0))
        mean = (LENGTHS * chance).sum()
        tries = np.ceil(quota[mine] / mean * 1.5 + 5).astype(np.int64)
        owners.append(np.repeat(mine, tries))
        lengths.append(rng.choice(LENGTHS, tries.sum(), p=chance))
    owner, length = np.concatenate(owners), np.concatenate(lengths)
    order = np.argsort(owner, kind="stable")
    owner, length = owner[order], length[order]
    before = _running_before(owner, length)
    keep = before < quota[owner]
    owner, length, before = owner[keep], length[keep], before[keep]
    length = np.minimum(length, quota[owner] - before)
    last = np.append(owner[1:] != owner[:-1], True)
    length[last] += quota[owner[last]] - (before + length)[last]
    start = _place(owner, length, quota, size, rng)
    spells = Spells(owner, start[0], start[1], level[owner])
    _tidy(spells, size, weekday_of_first, rng)
    return spells


def _running_before(owner: np.ndarray, length: np.ndarray) -> np.ndarray:
    total = np.cumsum(length) - length
    first = np.append(True, owner[1:] != owner[:-1])
    return np.asarray(total - np.repeat(total[first], np.diff(np.append(np.flatnonzero(first), len(owner)))))


def _place(
    owner: np.ndarray, length: np.ndarray, quota: np.ndarray, size: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Scatter the runs among the attended sessions; winter is likelier than the bright ends of the year."""
    draw = rng.random(len(owner))
    draw = draw - 0.09 * np.sin(2 * np.pi * draw) * 0.5
    gap = np.minimum(np.floor(draw * ((size - quota)[owner] + 1)), (size - quota)[owner]).astype(np.int64)
    order = np.lexsort((rng.random(len(owner)), gap, owner))
    length = length[order]
    return gap[order] + _running_before(owner, length), length


def _tidy(spells: Spells, size: np.ndarray, weekday_of_first: np.ndarray, rng: np.random.Generator) -> None:
    """Whole-day runs start in the morning; some short midweek runs move to Friday or Monday. A run moves only
    within its own gap.
    """
    count = len(spells.owner)
    same = spells.owner[1:] == spells.owner[:-1]
    for turn in range(4):
        end = spells.start + spells.length
        low = np.zeros(count, dtype=np.int64)
        low[1:][same] = end[:-1][same]
        high = size[spells.owner].astype(np.int64)
        high[:-1][same] = spells.start[1:][same]
        high -= spells.length
        shift = np.zeros(count, dtype=np.int64)
        if turn < 2:
            odd = (spells.start % 2 == 1) & (spells.length % 2 == 0)
            shift[odd] = np.where(spells.start[odd] - 1 >= low[odd], -1, 1)
        else:
            weekday = (weekday_of_first[spells.owner] + spells.start // 2) % 5
            midweek = (weekday > 0) & (weekday < 4) & (spells.length <= 2)
            draw = rng.random(count)
            shift[midweek & (draw < 0.14)] = 2 * (4 - weekday)[midweek & (draw < 0.14)]
            back = midweek & (draw > 0.92)
            shift[back] = -2 * weekday[back]
        moved = spells.start + shift
        allowed = (np.arange(count) % 2 == turn % 2) & (moved >= low) & (moved <= high)
        spells.start = np.where(allowed, moved, spells.start)
