"""Marks: one per enrolment and session of its school's calendar, with the code first written and the code as
finally corrected.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.attending import write_attending_codes
from simulator.truth.codes import INDEX, code_spells
from simulator.truth.rates import absence_rates
from simulator.truth.register import Register
from simulator.truth.spells import Spells, draw_spells

FESTIVALS = np.array(["2025-10-20", "2026-03-20", "2026-05-27"], dtype="datetime64[D]").astype(np.int64)
CLOSURE_DAYS = np.array(["2026-01-08", "2026-01-09", "2026-02-05"], dtype="datetime64[D]").astype(np.int64)
EPOCH_WEEKDAY = 3


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
    open_days = np.maximum(high - low, 0)
    count = 2 * open_days
    offset = np.append(0, np.cumsum(count))
    owner = np.repeat(np.arange(len(enrolments), dtype=np.int32), count)
    # both halves of a day stand beside each other: a day is looked up once
    day = np.repeat(every_day[_expand(base + low, open_days)], 2)
    half = np.tile(np.array([1, 2], dtype=np.int8), int(offset[-1]) // 2)
    code = np.tile(np.array([INDEX["/"], INDEX["\\"]], dtype=np.int8), int(offset[-1]) // 2)
    return Register(offset, owner, day, half, code, code)


def write_codes(
    register: Register, enrolments: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator
) -> tuple[Spells, np.ndarray]:
    """Fill `register.code` with final codes; return the spells of absence and the flat place of each spell's first
    session.
    """
    blocked = _sessions_not_possible(register, enrolments, rng)
    open_places = np.flatnonzero(~blocked)
    size = np.diff(register.offset) - np.bincount(register.owner[blocked], minlength=len(enrolments))
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
    del open_places, flat
    write_attending_codes(register, enrolments, blocked, rng)
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

    def places_of(chosen: np.ndarray) -> np.ndarray:
        """Every session of these enrolments: few are looked at, not all."""
        return _expand(register.offset[:-1][chosen], np.diff(register.offset)[chosen])

    year = enrolments["year_no"].to_numpy()
    shared = enrolments["weekdays_here"].to_numpy()
    partial = places_of(shared != 31)
    elsewhere = partial[((shared[owner[partial]] >> ((day[partial] + EPOCH_WEEKDAY) % 7)) & 1) == 0]
    code[elsewhere] = INDEX["D"]
    blocked[elsewhere] = True
    half_timer = (year <= 1) & (rng.random(len(year)) < 0.5)
    starter = (year == 2) & (rng.random(len(year)) < 0.5)
    phase_in = np.datetime64("2025-09-19").astype(np.int64)
    young = places_of(half_timer | starter)
    not_due = young[(half[young] == 2) & (half_timer[owner[young]] | (day[young] <= phase_in))]
    code[not_due] = INDEX["X"]
    blocked[not_due] = True
    urns = enrolments["urn"].to_numpy()
    for closure in CLOSURE_DAYS:
        of_school = places_of(urns == rng.choice(np.unique(urns)))
        shut = of_school[day[of_school] == closure]
        code[shut] = INDEX["Y4"]
        blocked[shut] = True
    final_year = places_of(year == 13)
    exam = final_year[day[final_year] >= np.datetime64("2026-06-01").astype(np.int64)]
    code[exam[rng.random(len(exam)) < 0.6]] = INDEX["S"]
    blocked[exam] = True
    stranded = np.flatnonzero(rng.random(len(owner)) < 0.0001)
    stranded = stranded[~blocked[stranded]]
    code[stranded] = rng.choice([INDEX["Y1"], INDEX["Y7"], INDEX["Q"]], len(stranded), p=[0.6, 0.3, 0.1])
    blocked[stranded] = True
    return blocked
