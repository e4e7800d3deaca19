"""The marks of one school at a time as known on an evening: in columns, and as the lines of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.faces.marks_file import MarksFile, Written, day_number, read_corrections
from simulator.truth.codes import CODES, INDEX
from simulator.truth.store import Truth

YEAR_START, YEAR_END = "2025-09-01", "2026-09-01"
MARK_COLUMNS = ["pupil_id", "session_date", "session", "code", "minutes_late"]
SESSIONS = ("AM", "PM")
QUOTED = {code: f'"{code}"' for code in ("", "#")}  # no text at all, and what some readers take for a remark
LATE, AFTER_REGISTRATION = range(1, 26), range(31, 91)
ENDINGS = [
    *((code, "") for code in CODES),
    *(("L", str(minutes)) for minutes in LATE),
    *(("U", str(minutes)) for minutes in AFTER_REGISTRATION),
]
"""Code and minutes late, every pair that a mark can end in: codes by their index, then the minutes of L and of U."""


@dataclass(frozen=True)
class Marks:
    """Marks in order of enrolment, day and half: pupil's key, day since 1970-01-01, half (1, 2), place in `ENDINGS`."""

    pupil_id: pa.Array
    day: np.ndarray
    half: np.ndarray
    ending: np.ndarray

    def __len__(self) -> int:
        """How many marks."""
        return len(self.day)

    def lines(self) -> pa.Buffer:
        """The marks as lines of CSV without a header, in one piece of memory."""
        place = ((self.day - day_number(YEAR_START)) * 2 + self.half - 1) * len(ENDINGS) + self.ending
        return content(pc.binary_join_element_wise(self.pupil_id, _tails().take(pa.array(place)), ""))

    def table(self) -> pa.Table:
        """The marks as columns of text, as a delivery names them."""
        columns = [
            self.pupil_id,
            pa.array(self.day).cast(pa.date32()).cast(pa.string()),
            pa.array(SESSIONS).take(pa.array(self.half - np.int8(1))),
            *(pa.array(part, pa.string()).take(pa.array(self.ending)) for part in zip(*ENDINGS, strict=True)),
        ]
        return pa.table(columns, names=MARK_COLUMNS)


@cache
def _tails() -> pa.StringArray:
    """What can follow the pupil's key on a line, by day, session and ending: the lines of a city share these few."""
    days = np.arange(np.datetime64(YEAR_START), np.datetime64(YEAR_END)).astype(str)
    ends = [f"{QUOTED.get(code, code)},{minutes}\n" for code, minutes in ENDINGS]
    return pa.array([f",{day},{session},{end}" for day in days for session in SESSIONS for end in ends], pa.string())


def content(text: pa.StringArray) -> pa.Buffer:
    """The characters of all texts, which lie one after another in memory already."""
    if not len(text):
        return pa.py_buffer(b"")
    ends = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return text.buffers()[2].slice(int(ends[0]), int(ends[-1] - ends[0]))


def endings(code: np.ndarray, enrolment: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The place in `ENDINGS` of each mark by the place of its code in `CODES`.

    Minutes are a fixed function of enrolment and day, so that every face tells the same.
    """
    late, after = code == INDEX["L"], code == INDEX["U"]
    ending = code.astype(np.int32)
    ending[late] = len(CODES) + (enrolment[late] * 7 + day[late]) % len(LATE)
    ending[after] = len(CODES) + len(LATE) + (enrolment[after] * 11 + day[after]) % len(AFTER_REGISTRATION)
    return ending


class KnownMarks:
    """Every school's marks as last corrected by an evening, read one school at a time."""

    def __init__(self, truth: Truth, evening: str) -> None:
        self.last = day_number(evening)
        self.file = MarksFile(truth)
        pupil_id = truth.enrolments["pupil_no"].map(truth.pupils.set_index("pupil_no")["pupil_id"])
        self.pupil_id = pd.Series(pupil_id.to_numpy(), index=truth.enrolments["enrolment_no"])
        made, made_on = read_corrections(truth)
        made = made.where(made_on <= self.last)
        key = _key(made.enrolment, made.day, made.half)
        # the last of a mark stands
        stands = np.append(key[1:] != key[:-1], True) if len(key) else np.zeros(0, dtype=bool)
        self.corrected, self.corrected_to = key[stands], made.code[stands]

    def of_school(self, urn: int, first_day: str = YEAR_START, pupils: pd.Series | None = None) -> Marks:
        """Marks of a school from `first_day` on, of these pupils' keys alone where they are given."""
        low, high = self.file.span(urn)
        marks = self.file.of_school(urn)
        wanted = (marks.day >= day_number(first_day)) & (marks.day <= self.last)
        keys = self.pupil_id.loc[low:high]
        if pupils is not None:
            wanted &= keys.isin(pupils).to_numpy()[marks.enrolment - low]
        marks = marks if wanted.all() else marks.where(wanted)
        self._correct(marks, _key(low, 0, 0), _key(high + 1, 0, 0))
        key = pa.array(keys, pa.string()).take(pa.array(marks.enrolment - low))
        return Marks(key, marks.day, marks.half, endings(marks.code, marks.enrolment, marks.day))

    def _correct(self, marks: Written, low: int, high: int) -> None:
        """Write the corrections with keys from `low` to below `high` over the codes first written."""
        between = slice(*np.searchsorted(self.corrected, [low, high]))
        key = _key(marks.enrolment, marks.day, marks.half)
        if not len(key):
            return
        place = np.minimum(np.searchsorted(key, self.corrected[between]), len(key) - 1)
        hit = key[place] == self.corrected[between]
        marks.code[place[hit]] = self.corrected_to[between][hit]


def _key(enrolment: np.ndarray | int, day: np.ndarray | int, half: np.ndarray | int) -> np.ndarray:
    """One number a mark, in order of enrolment, day and half."""
    return (np.asarray(enrolment, dtype=np.int64) * 100_000 + day) * 2 + half
