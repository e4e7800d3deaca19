"""The enrolments that marks may belong to: those of this delivery, over those of the roll as last accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rollcall.validate.dates import UNREADABLE

OPEN_END: Final = 1_000_000
"""Days since 1970 that stand for "still on roll"."""

SHIFT: Final = 22
Days = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Enrolments:
    """Enrolments sorted by pupil and entry day; ``position`` gives each known pupil's number."""

    position: dict[str, int]
    pupil: npt.NDArray[np.int64]
    entry: Days
    leaving: Days

    def numbers(self, words: list[str]) -> Days:
        """The number of each pupil's key; -1 = unknown. At least one, so that a column without rows can be looked up."""
        return np.array([self.position.get(word, -1) for word in words] or [-1], dtype=np.int32)

    def find(self, numbers: Days, index: Days, days: Days) -> tuple[Days, npt.NDArray[np.bool_]]:
        """Per row: the entry day of the enrolment that it falls in, and whether it falls in one; ``index`` says which of
        the pupils' ``numbers`` a row has."""
        entry = np.full(len(days), UNREADABLE, dtype=np.int32)
        if not len(self.pupil) or not len(days):
            return entry, np.zeros(len(days), dtype=bool)
        place = np.minimum(np.searchsorted(self.pupil, numbers), len(self.pupil) - 1)
        is_known = numbers >= 0
        has_more = is_known & (np.searchsorted(self.pupil, numbers, side="right") - place > 1)
        # nearly every pupil has one enrolment: it is told by the pupil; only the others are searched for by the day
        first, last = self.entry[place][index], self.leaving[place][index]
        found = (days >= first) & (days <= last) & is_known[index]
        entry[found] = first[found]
        rows = np.flatnonzero(has_more[index])
        entry[rows], found[rows] = self._search(numbers[index[rows]], days[rows])
        found &= days != UNREADABLE
        entry[~found] = UNREADABLE
        return entry, found

    def _search(self, pupil: Days, days: Days) -> tuple[Days, npt.NDArray[np.bool_]]:
        place = np.searchsorted(_key(self.pupil, self.entry), _key(pupil.astype(np.int64), days), side="right") - 1
        found = (place >= 0) & (self.pupil[place] == pupil) & (days <= self.leaving[place])
        return self.entry[place], found


def enrolments_of(pupils: pa.Table, roll: pa.Table | None, *, is_snapshot: bool) -> Enrolments:
    """Enrolments of the accepted pupil rows and, for pupils (a delta: enrolments) not among them, of the roll."""
    table = pupils.select(["pupil_id", "entry_date", "leaving_date"])
    if roll is not None and roll.num_rows:
        keys = ["pupil_id"] if is_snapshot else ["pupil_id", "entry_date"]
        roll = roll.select(["pupil_id", "entry_date", "leaving_date"]).cast(table.schema)
        table = pa.concat_tables([table, roll.join(table.select(keys), keys, join_type="left anti")])
    names = table.column("pupil_id").to_pylist()
    position = {name: place for place, name in enumerate(dict.fromkeys(names))}
    pupil = np.array([position[name] for name in names], dtype=np.int64)
    entry = _days(table.column("entry_date"), UNREADABLE)
    leaving = _days(table.column("leaving_date"), OPEN_END)
    order = np.lexsort((entry, pupil))
    return Enrolments(position, pupil[order], entry[order], leaving[order])


def _key(pupil: npt.NDArray[np.int64], days: Days) -> npt.NDArray[np.int64]:
    return (pupil << SHIFT) + (days.astype(np.int64) - UNREADABLE)


def _days(column: pa.ChunkedArray, missing: int) -> Days:
    days = column.cast(pa.date32()).cast(pa.int32()).fill_null(missing).to_numpy()
    return np.asarray(days, dtype=np.int32)
