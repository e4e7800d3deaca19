"""The log of corrections: what was first written in a register, and when each mark became what it finally is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.codes import CODES, INDEX
from simulator.truth.register import Register, blocks, is_among
from simulator.truth.spells import Spells

# Chance that an absence is first written N (reason not yet known), by final code.
FIRST_UNKNOWN = {"I": 0.24, "O": 0.45, "G": 0.25, "M": 0.15, "C": 0.15, "E": 0.05, "C2": 0.02, "R": 0.1, "U": 0.35}
LOG_END = np.datetime64("2026-07-22").astype(np.int64)
UNTAKEN_REGISTERS = 0.0009
UNTAKEN_MARKS = 0.0002


def log_corrections(
    register: Register, spells: Spells, spell_code: np.ndarray, enrolments: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Set `register.first` (and final blanks) and return the corrections: place, corrected_on (day), old and new
    code index.
    """
    register.first = register.code.copy()
    late_n = _absences(register, rng)
    arrived = _arrivals(register, rng)
    blank = _untaken(register, enrolments, rng)
    log = pd.concat([late_n, arrived, blank], ignore_index=True)
    log = log.sort_values(["place", "corrected_on"], kind="stable", ignore_index=True)
    return log


def _lag(count: int, rng: np.random.Generator, at: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Days to the correction: most within ten, a tail of two in a hundred to seventy. Of `count` draws, those `at`."""
    lag = np.clip(rng.geometric(0.33, count)[at], 1, 10)
    return np.where(rng.random(count)[at] < 0.02, rng.integers(11, 71, count)[at], lag)


def _on_weekday(day: np.ndarray) -> np.ndarray:
    rolled = np.busday_offset(day.astype("datetime64[D]"), 0, roll="forward").astype(np.int64)
    return np.minimum(rolled, LOG_END)


def _steps(place: np.ndarray, day: np.ndarray, old: np.ndarray | int, new: np.ndarray | int) -> pd.DataFrame:
    frame = pd.DataFrame({"place": place, "corrected_on": _on_weekday(day)})
    frame["old_code"] = np.broadcast_to(np.asarray(old, dtype=np.int8), len(place))
    frame["new_code"] = np.broadcast_to(np.asarray(new, dtype=np.int8), len(place))
    return frame


def _absences(register: Register, rng: np.random.Generator) -> pd.DataFrame:
    """N at first, then the reason; both halves of a day are put right together; some go by way of O."""
    chance = np.zeros(len(CODES))
    for code, value in FIRST_UNKNOWN.items():
        chance[INDEX[code]] = value
    candidate = np.flatnonzero(is_among(register.code, np.flatnonzero(chance)))
    draw = rng.random((register.offset[-1] + 3) // 2)
    place = candidate[draw[candidate // 2] < chance[register.code[candidate]]]
    lag = _lag(len(draw), rng, place // 2)
    via = (draw[place // 2] < 0.008) & (register.code[place] == INDEX["I"])
    register.first[place] = INDEX["N"]
    day = register.day[place].astype(np.int64)
    direct = _steps(place[~via], (day + lag)[~via], INDEX["N"], register.code[place[~via]])
    to_other = _steps(place[via], day[via] + 7, INDEX["N"], INDEX["O"])
    to_final = _steps(place[via], day[via] + 25 + lag[via] * 3, INDEX["O"], register.code[place[via]])
    two = to_other["corrected_on"].to_numpy() < to_final["corrected_on"].to_numpy()
    to_other, to_final = to_other[two], to_final[two]
    register.first[place[via][~two]] = register.code[place[via][~two]]
    return pd.concat([direct, to_other, to_final], ignore_index=True)


def _arrivals(register: Register, rng: np.random.Generator) -> pd.DataFrame:
    """Late children first written N; children first written present by mistake."""
    late = np.flatnonzero(register.code == INDEX["L"])
    late = late[rng.random(len(late)) < 0.10]
    register.first[late] = INDEX["N"]
    ill = np.flatnonzero((register.code == INDEX["I"]) & (register.first == INDEX["I"]))
    ill = ill[rng.random(len(ill)) < 0.006]
    wrong = np.where(register.half[ill] == 1, INDEX["/"], INDEX["\\"]).astype(np.int8)
    register.first[ill] = wrong
    return pd.concat(
        [
            _steps(late, register.day[late].astype(np.int64) + 1, INDEX["N"], INDEX["L"]),
            _steps(ill, register.day[ill].astype(np.int64) + _lag(len(ill), rng), wrong, INDEX["I"]),
        ],
        ignore_index=True,
    )


def _untaken(register: Register, enrolments: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Whole classes and single marks not taken: two in three are filled in within days, the rest stay unknown."""
    group = enrolments["group_no"].to_numpy()
    slots = 2 * (int(register.day.max()) - int(register.day.min()) + 1)
    draw = rng.random((int(group.max()) + 1) * slots, dtype=np.float32)
    first_slot, first_day = (group * slots).astype(np.int32), np.int32(register.day.min())

    def slot(at: np.ndarray | slice) -> np.ndarray:
        """The class and session of marks."""
        return first_slot[register.owner[at]] + 2 * (register.day[at] - first_day) + register.half[at] - 1

    found = []
    for at in blocks(len(register.code)):
        single = rng.random(at.stop - at.start, dtype=np.float32) < UNTAKEN_MARKS
        found.append(at.start + np.flatnonzero((draw[slot(at)] < UNTAKEN_REGISTERS) | single))
    untaken = np.concatenate(found)
    untaken = untaken[(register.first[untaken] == register.code[untaken]) & (register.code[untaken] != INDEX["D"])]
    filled = draw[slot(untaken)] % 0.0003 < 0.0002
    register.first[untaken] = 0
    known, lost = untaken[filled], untaken[~filled]
    register.code[lost] = 0
    lag = 1 + np.floor(draw[slot(known)] * 1e5).astype(np.int64) % 4
    return _steps(known, register.day[known].astype(np.int64) + lag, 0, register.code[known])
