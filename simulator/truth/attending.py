"""Codes of attended sessions: late marks and approved educational activity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from simulator.truth.codes import INDEX, published_shares
from simulator.truth.register import Register, blocks

SAMPLE = slice(None, None, 499)


def write_attending_codes(
    register: Register, enrolments: pd.DataFrame, blocked: np.ndarray, rng: np.random.Generator
) -> None:
    """Late marks and approved educational activity on attended sessions, clustered by child, by class day and by
    work-experience week.
    """
    code = register.code
    present = np.flatnonzero(~blocked & ((code == INDEX["/"]) | (code == INDEX["\\"])))
    attended = np.diff(np.searchsorted(present, register.offset))
    present = present.astype(np.int32)
    owner = np.repeat(np.arange(len(enrolments), dtype=np.int32), attended)
    # phases as small numbers: fifteen million texts would be compared and sorted one by one
    names, kinds = np.unique(enrolments["phase"].to_numpy().astype(str), return_inverse=True)
    phase = np.repeat(kinds.astype(np.int8), attended)
    group = enrolments["group_no"].to_numpy()
    tardy = rng.gamma(0.5, 2.0, len(enrolments)) + 0.02
    trips = rng.random((int(group.max()) + 1, 400))
    class_row, trips = np.repeat((group * trips.shape[1]).astype(np.int32), attended), trips.ravel()
    days = register.day[present] - np.int32(register.day.min())
    afternoon = np.array([0.0, 1.0, 0.2])
    half = register.half[present]
    year_ten = np.repeat(enrolments["year_no"].to_numpy() == 12, attended)
    own, noise = np.empty(0), np.empty(len(present))
    # a code's draws are made once, as long as the register, into the same memory; its scores are made a block at a time
    scores: dict[str, Callable[[slice], np.ndarray]] = {
        "W": lambda at: np.where(year_ten[at], trips[class_row[at] + days[at] // 14 + 30] + noise[at] * 0.002, 9.0),
        "V": lambda at: trips[class_row[at] + days[at]] + noise[at] * 0.001,
        "K": lambda at: own[owner[at]] + noise[at] * 0.001,
        "B": lambda at: own[owner[at]] + noise[at] * 0.3,
        "P": lambda at: noise[at],
        "L": lambda at: noise[at] / tardy[owner[at]] / afternoon[half[at]],
    }
    possible = np.bincount(kinds, np.diff(register.offset), len(names)).astype(np.int64) - np.bincount(
        kinds[register.owner[blocked]], minlength=len(names)
    )
    left = np.bincount(phase, minlength=len(names))
    shares = published_shares()
    free = np.ones(len(present), dtype=bool)
    for name, score in scores.items():
        own = rng.random(len(enrolments)) if name in "KB" else own
        (rng.standard_exponential if name == "L" else rng.random)(out=noise)
        wanted = [round(shares[kind].get(name, 0.0) * int(count)) for kind, count in zip(names, possible, strict=True)]
        for kind, chosen in enumerate(_lowest(score, free, phase, np.minimum(wanted, left), left)):
            code[present[chosen]] = INDEX[name]
            free[chosen] = False
            left[kind] -= len(chosen)


def _lowest(
    score: Callable[[slice], np.ndarray], free: np.ndarray, phase: np.ndarray, wanted: np.ndarray, left: np.ndarray
) -> list[np.ndarray]:
    """For each phase the places of its `wanted` lowest scores among the `left` that are still free."""
    limit = _limits(score, free, phase, wanted, left)
    while True:
        near = [_near(score(at), free[at], phase[at], limit, at.start) for at in blocks(len(free))]
        place = np.concatenate([found for found, _ in near])
        value = np.concatenate([found for _, found in near])
        kind = phase[place]
        short = np.bincount(kind, minlength=len(wanted)) < wanted
        if not short.any():
            break
        limit[short] = np.inf
    chosen = []
    for number, count in enumerate(wanted):
        mine = np.flatnonzero(kind == number) if count else np.empty(0, dtype=np.int64)
        lowest = np.argpartition(value[mine], count - 1)[:count] if count else mine
        chosen.append(place[mine[lowest]])
    return chosen


def _limits(
    score: Callable[[slice], np.ndarray], free: np.ndarray, phase: np.ndarray, wanted: np.ndarray, left: np.ndarray
) -> np.ndarray:
    """A score for each phase that a sample says suffices: few places below it are then compared, not millions sorted."""
    value, kind = score(SAMPLE)[free[SAMPLE]], phase[SAMPLE][free[SAMPLE]]
    limit = np.full(len(wanted), -np.inf)
    for number in np.flatnonzero(wanted):
        mine = np.sort(value[kind == number])
        rank = len(mine) * wanted[number] / left[number]
        rank = int(rank + 4 * np.sqrt(rank) + 8)
        limit[number] = mine[rank] if rank < len(mine) else np.inf
    return limit


def _near(
    value: np.ndarray, free: np.ndarray, phase: np.ndarray, limit: np.ndarray, start: int
) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero((value <= limit[phase]) & free)
    return at + start, value[at]
