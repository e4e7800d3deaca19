"""The log of corrections: what was first written in a register, and when each mark became what it finally is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.codes import CODES, INDEX
from simulator.truth.marks import Register
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


def _lag(count: int, rng: np.random.Generator) -> np.ndarray:
    """Days to the correction: most within ten, a tail of two in a hundred to seventy."""
    lag = np.clip(rng.geometric(0.33, count), 1, 10)
    return np.where(rng.random(count) < 0.02, rng.integers(11, 71, count), lag)


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
    candidate = np.flatnonzero(chance[register.code] > 0)
    draw, lag = rng.random((register.offset[-1] + 3) // 2), None
    day_of = candidate // 2
    place = candidate[draw[day_of] < chance[register.code[candidate]]]
    lag = _lag(len(draw), rng)[place // 2]
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
    key = (
        group[register.owner].astype(np.int64) * slots
        + 2 * (register.day - int(register.day.min()))
        + register.half
        - 1
    )
    untaken = np.flatnonzero((draw[key] < UNTAKEN_REGISTERS) | (rng.random(len(key), dtype=np.float32) < UNTAKEN_MARKS))
    untaken = untaken[(register.first[untaken] == register.code[untaken]) & (register.code[untaken] != INDEX["D"])]
    filled = draw[key[untaken]] % 0.0003 < 0.0002
    register.first[untaken] = 0
    known, lost = untaken[filled], untaken[~filled]
    register.code[lost] = 0
    lag = 1 + np.floor(draw[key[known]] * 1e5).astype(np.int64) % 4
    return _steps(known, register.day[known].astype(np.int64) + lag, 0, register.code[known])
