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

    def find(self, words: list[str], index: Days, days: Days) -> tuple[Days, Days, npt.NDArray[np.bool_]]:
        """Per row: the pupil's number (-1 = unknown), the entry day of its enrolment, and whether it falls in one."""
        pupil = np.array([self.position.get(word, -1) for word in words] or [-1], dtype=np.int32)[index]
        entry = np.full(len(days), UNREADABLE, dtype=np.int32)
        if not len(self.pupil) or not len(days):
            return pupil, entry, np.zeros(len(days), dtype=bool)
        starts = _key(self.pupil, self.entry)
        place = np.searchsorted(starts, _key(pupil.astype(np.int64), days), side="right") - 1
        found = (place >= 0) & (self.pupil[place] == pupil) & (days <= self.leaving[place]) & (days != UNREADABLE)
        entry[found] = self.entry[place[found]]
        return pupil, entry, found


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
