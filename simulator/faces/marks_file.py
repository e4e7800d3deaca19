"""The marks first written and their corrections, read from the truth one school at a time, in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.truth.codes import INDEX
from simulator.truth.store import Truth


@dataclass(frozen=True)
class Written:
    """Marks or corrections in the order of the file: enrolment number, day since 1970-01-01, half (1, 2) and the place
    of the code in ``CODES``, 0 for none."""

    enrolment: np.ndarray
    day: np.ndarray
    half: np.ndarray
    code: np.ndarray

    def where(self, wanted: np.ndarray | slice) -> Written:
        """Those of a selection."""
        return Written(self.enrolment[wanted], self.day[wanted], self.half[wanted], self.code[wanted])


class MarksFile:
    """marks.parquet, of which one school is read without the others."""

    def __init__(self, truth: Truth) -> None:
        self.file = pq.ParquetFile(truth.folder / "marks.parquet")
        groups = [self.file.metadata.row_group(place).column(0).statistics for place in range(self.file.num_row_groups)]
        self.group_from = np.array([group.min for group in groups])
        self.group_to = np.array([group.max for group in groups])
        # a school's enrolments are numbered one after another
        self.enrolments = truth.enrolments.groupby("urn")["enrolment_no"].agg(["min", "max"])

    def span(self, urn: int) -> tuple[int, int]:
        """The first and the last enrolment number of a school; the last is below the first where it has none."""
        if urn not in self.enrolments.index:
            return 1, 0
        low, high = self.enrolments.loc[urn]
        return int(low), int(high)

    def of_school(self, urn: int) -> Written:
        """The marks of a school as first written, in order of enrolment, day and half."""
        low, high = self.span(urn)
        groups = np.flatnonzero((self.group_to >= low) & (self.group_from <= high))
        names = ["enrolment_no", "session_date", "half", "first_code"]
        read = self.file.read_row_groups(groups.tolist(), names, use_threads=False)
        marks = Written(*(numbers(read[name]) for name in names[:3]), code_index(read["first_code"]))
        alone = (self.group_from[groups] >= low).all() and (self.group_to[groups] <= high).all()
        return marks if alone else marks.where((marks.enrolment >= low) & (marks.enrolment <= high))


def read_corrections(truth: Truth) -> tuple[Written, np.ndarray]:
    """Every correction with its new code, and the day since 1970-01-01 on which it was made.

    They are in order of mark and evening, as the truth was written.
    """
    made = pq.read_table(
        truth.folder / "corrections.parquet",
        columns=["enrolment_no", "session_date", "half", "corrected_on", "new_code"],
        use_threads=False,
    )
    marks = (numbers(made[name]) for name in ("enrolment_no", "session_date", "half"))
    return Written(*marks, code_index(made["new_code"])), numbers(made["corrected_on"])


def day_number(text: str) -> int:
    """The day of an ISO date, counted from 1970-01-01."""
    return int(np.datetime64(text, "D").astype(np.int64))


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Whole numbers or days as numbers of 32 bits."""
    return column.cast(pa.int32()).to_numpy()


def code_index(column: pa.ChunkedArray) -> np.ndarray:
    """The place of each code in `CODES`, whatever the order of the file's own dictionary; 0 for none."""
    parts = [np.zeros(0, dtype=np.int8)]
    for chunk in column.chunks:
        places = np.array([INDEX[code] for code in chunk.dictionary.to_pylist()], dtype=np.int8)
        filled = chunk.indices.fill_null(0).to_numpy()
        parts.append(np.where(chunk.is_valid().to_numpy(zero_copy_only=False), places[filled], np.int8(0)))
    return np.concatenate(parts)
