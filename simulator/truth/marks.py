"""Marks: one per enrolment and session of its school's calendar, with the code first written and the code as
finally corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulator.truth.codes import INDEX, code_spells, published_shares
from simulator.truth.rates import absence_rates
from simulator.truth.spells import Spells, draw_spells

FESTIVALS = np.array(["2025-10-20", "2026-03-20", "2026-05-27"], dtype="datetime64[D]").astype(np.int64)
CLOSURE_DAYS = np.array(["2026-01-08", "2026-01-09", "2026-02-05"], dtype="datetime64[D]").astype(np.int64)
EPOCH_WEEKDAY = 3


@dataclass
class Register:
    """All marks, ordered by enrolment and session. `owner` is the enrolment's place, `day` counts from 1970-01-01,
    `half` is 1 or 2.
    """

    offset: np.ndarray
    owner: np.ndarray
    day: np.ndarray
    half: np.ndarray
    code: np.ndarray
    first: np.ndarray


def lay_out(enrolments: pd.DataFrame, days: dict[int, np.ndarray]) -> Register:
    """Every session of every enrolment, coded present."""
    urns = enrolments["urn"].to_numpy()
    low, high = np.zeros(len(enrolments), dtype=np.int64), np.zeros(len(enrolments), dtype=np.int64)
    entry = enrolments["entry_date"].to_numpy().astype("datetime64[D]")
    leaving = enrolments["leaving_date"].fillna(pd.Timestamp("2099-01-01")).to_numpy().astype("datetime64[D]")
    base, pieces, used = np.zeros(len(enrolments), dtype=np.int64), [], 0
    for urn, school_days in days.items():
        mine = urns == urn
        low[mine] = np.searchsorted(school_days, entry[mine])
        high[mine] = np.searchsorted(school_days, leaving[mine], side="right")
        base[mine] = used
        pieces.append(school_days.astype(np.int64))
        used += len(school_days)
    every_day = np.concatenate(pieces).astype(np.int32)
    count = 2 * np.maximum(high - low, 0)
    offset = np.append(0, np.cumsum(count))
    owner = np.repeat(np.arange(len(enrolments), dtype=np.int32), count)
    ordinal = np.arange(offset[-1], dtype=np.int64) - np.repeat(offset[:-1], count)
    day = every_day[np.repeat(base + low, count) + ordinal // 2]
    half = (1 + ordinal % 2).astype(np.int8)
    code = np.where(half == 1, INDEX["/"], INDEX["\\"]).astype(np.int8)
    return Register(offset, owner, day, half, code, code)


def write_codes(
    register: Register, enrolments: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator
) -> tuple[Spells, np.ndarray]:
    """Fill `register.code` with final codes; return the spells of absence and the flat place of each spell's first
    session.
    """
    blocked = _sessions_not_possible(register, enrolments, rng)
    open_places = np.flatnonzero(~blocked)
    size = np.bincount(register.owner[open_places], minlength=len(enrolments))
    start_of = np.append(0, np.cumsum(size))[:-1]
    rate = absence_rates(enrolments, people, size, rng)
    quota = np.minimum(np.floor(rate * size + rng.random(len(size))).astype(np.int64), size)
    first_place = open_places[np.minimum(start_of, len(open_places) - 1)]
    spells = draw_spells(quota, size, (register.day[first_place] + EPOCH_WEEKDAY) % 5, rng)
    first_of_spell = open_places[start_of[spells.owner] + spells.start]
    facts = _facts(register.day[first_of_spell], enrolments, people)
    code = code_spells(spells, enrolments["phase"].to_numpy(), facts, size, rng)
    flat = open_places[_expand(start_of[spells.owner] + spells.start, spells.length)]
    register.code[flat] = np.repeat(code, spells.length)
    _attending_codes(register, enrolments, open_places, rng)
    return spells, code


def _expand(start: np.ndarray, length: np.ndarray) -> np.ndarray:
    return np.repeat(start - (np.cumsum(length) - length), length) + np.arange(length.sum())


def _facts(day: np.ndarray, enrolments: pd.DataFrame, people: pd.DataFrame) -> dict[str, np.ndarray]:
    child = people.set_index("person_no").loc[enrolments["person_no"]]
    near = (np.abs(day[:, None] - FESTIVALS[None, :]) <= 1).any(axis=1)
    late = (day >= np.datetime64("2026-04-27").astype(np.int64)) & (day < np.datetime64("2026-06-27").astype(np.int64))
    return {
        "no_show": (enrolments["story"] == "no_show").to_numpy(),
        "year_no": enrolments["year_no"].to_numpy(),
        "observes": child["ethnicity"].isin(["APKN", "AIND", "OOTH", "AOTH"]).to_numpy().astype(float),
        "near_festival": near.astype(float),
        "late_spring": late.astype(float),
    }


def _sessions_not_possible(register: Register, enrolments: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Write X, D, Y4, #, Y1 and the study leave of Year 11 in June; return where absence may not be placed."""
    owner, day, half, code = register.owner, register.day, register.half, register.code
    blocked = np.zeros(len(owner), dtype=bool)
    year = enrolments["year_no"].to_numpy()
    weekday = (day + EPOCH_WEEKDAY) % 7
    shared = enrolments["weekdays_here"].to_numpy()
    partial = np.flatnonzero((shared != 31)[owner])
    elsewhere = partial[((shared[owner[partial]] >> weekday[partial]) & 1) == 0]
    code[elsewhere] = INDEX["D"]
    blocked[elsewhere] = True
    half_timer = (year <= 1) & (rng.random(len(year)) < 0.5)
    starter = (year == 2) & (rng.random(len(year)) < 0.5)
    phase_in = np.datetime64("2025-09-19").astype(np.int64)
    not_due = np.flatnonzero((half == 2) & (half_timer[owner] | (starter[owner] & (day <= phase_in))))
    code[not_due] = INDEX["X"]
    blocked[not_due] = True
    urns = enrolments["urn"].to_numpy()
    for closure in CLOSURE_DAYS:
        shut = np.flatnonzero((day == closure) & (urns == rng.choice(np.unique(urns)))[owner])
        code[shut] = INDEX["Y4"]
        blocked[shut] = True
    exam = np.flatnonzero((day >= np.datetime64("2026-06-01").astype(np.int64)) & (year == 13)[owner])
    code[exam[rng.random(len(exam)) < 0.6]] = INDEX["S"]
    blocked[exam] = True
    stranded = np.flatnonzero(rng.random(len(owner)) < 0.0001)
    stranded = stranded[~blocked[stranded]]
    code[stranded] = rng.choice([INDEX["Y1"], INDEX["Y7"], INDEX["Q"]], len(stranded), p=[0.6, 0.3, 0.1])
    blocked[stranded] = True
    return blocked


def _attending_codes(
    register: Register, enrolments: pd.DataFrame, open_places: np.ndarray, rng: np.random.Generator
) -> None:
    """Late marks and approved educational activity on attended sessions, clustered by child, by class day and by
    work-experience week.
    """
    code = register.code
    present = open_places[(code[open_places] == INDEX["/"]) | (code[open_places] == INDEX["\\"])]
    owner = register.owner[present]
    # phases as small numbers: fifteen million texts would be compared and sorted one by one
    names, phase_of = np.unique(enrolments["phase"].to_numpy().astype(str), return_inverse=True)
    phase_of = phase_of.astype(np.int8)
    phase = phase_of[owner]
    group = enrolments["group_no"].to_numpy()
    tardy = rng.gamma(0.5, 2.0, len(enrolments))
    trips = rng.random((int(group.max()) + 1, 400))
    days = register.day[present] - int(register.day.min())
    year_ten = enrolments["year_no"].to_numpy()[owner] == 12
    # drawn one after another, in this order: each is as long as the register
    scores: dict[str, Callable[[], np.ndarray]] = {
        "W": lambda: np.where(year_ten, trips[group[owner], days // 14 + 30] + rng.random(len(owner)) * 0.002, 9.0),
        "V": lambda: trips[group[owner], days] + rng.random(len(owner)) * 0.001,
        "K": lambda: rng.random(len(enrolments))[owner] + rng.random(len(owner)) * 0.001,
        "B": lambda: rng.random(len(enrolments))[owner] + rng.random(len(owner)) * 0.3,
        "P": lambda: rng.random(len(owner)),
        "L": lambda: (
            rng.exponential(1.0, len(owner)) / (tardy[owner] + 0.02) / np.where(register.half[present] == 1, 1.0, 0.2)
        ),
    }
    total = np.bincount(phase_of[register.owner[open_places]], minlength=len(names))
    shares = published_shares()
    free = np.ones(len(present), dtype=bool)
    for name, draw in scores.items():
        score = draw()
        for kind, possible in enumerate(total):
            mine = np.flatnonzero(free & (phase == kind))
            wanted = min(round(shares[names[kind]].get(name, 0.0) * int(possible)), len(mine))
            if wanted == 0:
                continue
            chosen = mine[np.argpartition(score[mine], wanted - 1)[:wanted]]
            code[present[chosen]] = INDEX[name]
            free[chosen] = False
