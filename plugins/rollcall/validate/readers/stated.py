"""What a reader hands on: the register as the school states it, all text, with the place of every row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rollcall.errors import UnreadableDelivery
from rollcall.extract import TEXT, WORD

PUPIL_COLUMNS: Final = [
    "pupil_id",
    "upn",
    "former_upn",
    "surname",
    "forename",
    "date_of_birth",
    "sex",
    "nc_year",
    "registration_group",
    "entry_date",
    "leaving_date",
    "leaving_reason",
    "removal_ground",
    "destination",
    "destination_urn",
    "enrolment_status",
    "is_boarder",
    "fsm",
    "eal",
    "looked_after",
    "cin",
    "cp",
    "sen",
    "ethnicity",
    "first_language",
    "postcode",
]
NEEDED_PUPIL_COLUMNS: Final = ("pupil_id", "surname", "forename", "date_of_birth", "nc_year", "entry_date")
MARK_COLUMNS: Final = ("pupil_id", "session_date", "session", "code", "minutes_late")
NEEDED_MARK_COLUMNS: Final = ("pupil_id", "session_date", "session", "code")

STATED_PUPILS: Final = pa.schema([("file", TEXT), ("line", pa.int32())] + [(name, TEXT) for name in PUPIL_COLUMNS])
STATED_MARKS: Final = pa.schema([("line", pa.int32())] + [(name, WORD) for name in MARK_COLUMNS] + [("file", WORD)])


@dataclass(frozen=True)
class RowFault:
    """A row that could not be read at all: where it stands and what its shape is, never what it says."""

    file: str
    line: int
    entity: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Stated:
    """One extract as read: text columns (empty = not stated), rows that could not be read, and remarks for people."""

    pupils: pa.Table
    marks: pa.Table
    faults: list[RowFault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def place_column(name: str, rows: int) -> pa.DictionaryArray:
    """A dictionary column that says the same file for every row."""
    indices = pa.array(np.zeros(rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([name], pa.string()))


def words(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """One dictionary array of stripped words from a text or dictionary column."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(TEXT).dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = (
            whole.chunk(0)
            if whole.num_chunks
            else pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], TEXT))
        )
    stripped = pc.utf8_trim_whitespace(whole.dictionary.cast(TEXT))
    indices = whole.indices.cast(pa.int32())
    if stripped.equals(whole.dictionary):
        return pa.DictionaryArray.from_arrays(indices, stripped)
    # stripping may make two words one, and a dictionary must hold each word once
    merged = stripped.dictionary_encode()
    return pa.DictionaryArray.from_arrays(merged.indices.take(indices), merged.dictionary)


def nothing_stated() -> Stated:
    """What an unreadable delivery states."""
    return Stated(STATED_PUPILS.empty_table(), STATED_MARKS.empty_table())


def pupil_table(table: pa.Table, file: str) -> pa.Table:
    """Stated pupils from text columns and ``line``: stripped, with the file named."""
    columns = [pc.fill_null(pc.utf8_trim_whitespace(table.column(name).cast(TEXT)), "") for name in PUPIL_COLUMNS]
    place = pa.array([file] * table.num_rows, TEXT)
    return pa.Table.from_arrays([place, table.column("line"), *columns], schema=STATED_PUPILS)


def mark_table(table: pa.Table, file: str) -> pa.Table:
    """Stated marks from dictionary columns and ``line``: stripped, with the file named."""
    columns = {"line": table.column("line")} | {name: words(table.column(name)) for name in MARK_COLUMNS}
    return pa.table(columns | {"file": place_column(file, table.num_rows)})


def check_header(
    name: str, header: list[str], columns: list[str] | tuple[str, ...], needed: tuple[str, ...]
) -> list[str]:
    """Remarks on unknown columns; raises ``UnreadableDelivery`` where a needed one is missing or one stands twice."""
    missing = [column for column in needed if column not in header]
    if missing:
        raise UnreadableDelivery(f"{name} lacks the needed column(s) {', '.join(missing)}.")
    twice = sorted({column for column in columns if header.count(column) > 1})
    if twice:
        raise UnreadableDelivery(f"{name} has the column(s) {', '.join(twice)} twice.")
    unknown = sum(column not in columns for column in header)
    return [f"{name} has {unknown} unknown column(s); they are ignored."] if unknown else []
