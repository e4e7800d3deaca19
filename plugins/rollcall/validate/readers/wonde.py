"""Wonde's pages as landed (one body per line) to the register as stated; marks are read by column, never by row."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from rollcall.errors import UnreadableDelivery
from rollcall.extract import TEXT
from rollcall.validate.readers.stated import (
    MARK_COLUMNS,
    PUPIL_COLUMNS,
    STATED_MARKS,
    STATED_PUPILS,
    Stated,
    place_column,
)
from rollcall.validate.readers.wonde_student import pupil_row

SCHOOL_ZONE: Final = ZoneInfo("Europe/London")
STUDENTS: Final = ("students.ndjson", "students_leaver.ndjson")
ATTENDANCE: Final = ("attendance.ndjson", "attendance_leavers.ndjson")
DATE: Final = pa.struct([("date", TEXT), ("timezone", TEXT)])
UNRESOLVED: Final = "?"


def read(raw: Path) -> Stated:
    """Students and session marks; ``line`` is a record's number in its file. Raises ``UnreadableDelivery``."""
    pupils: list[dict[str, Any]] = []
    key_of: dict[str, str] = {}
    for file in STUDENTS:
        for line, student in enumerate(_records(raw / file), start=1):
            row = pupil_row(student)
            key_of[str(student["id"])] = row["pupil_id"]
            pupils.append({"file": file, "line": line} | {name: row.get(name, "") for name in PUPIL_COLUMNS})
    codes = {str(item["id"]): str(item["code"]).strip() for item in _records(raw / "codes.json")}
    marks = [_marks(raw / file, key_of, codes) for file in ATTENDANCE]
    return Stated(pa.Table.from_pylist(pupils, schema=STATED_PUPILS), pa.concat_tables(marks).unify_dictionaries())


def _records(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise UnreadableDelivery(f"The delivery has no {path.name}.")
    records: list[dict[str, Any]] = []
    try:
        # by line feeds alone: a name may hold one of the other signs that end a line
        for page in path.read_bytes().splitlines():
            records += json.loads(page)["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableDelivery(f"{path.name} is not pages of JSON.") from error
    return records


def _marks(path: Path, key_of: dict[str, str], codes: dict[str, str]) -> pa.Table:
    records = _mark_records(path)
    rows = len(records)
    if not rows:
        return STATED_MARKS.empty_table()
    student, code = records.field("student"), records.field("attendance_code")
    if pa.types.is_struct(student.type):
        student = pc.struct_field(student, ["data", "id"])
    is_embedded = pa.types.is_struct(code.type)
    if is_embedded:
        codes, code = {}, pc.struct_field(code, ["data", "code"])
    columns = {
        "line": pa.array(np.arange(1, rows + 1, dtype=np.int32)),
        "pupil_id": _translate(student, lambda word: key_of.get(word, word)),
        "session_date": _translate(_moment(records.field("date")), _civil_date),
        "session": _translate(records.field("session"), str.upper),
        "code": _translate(code, lambda word: codes.get(word, word.strip() if is_embedded else UNRESOLVED)),
        "minutes_late": _translate(records.field("minutes_late").cast(TEXT), str.strip),
    }
    order = ["line", *MARK_COLUMNS]
    return pa.table({name: columns[name] for name in order} | {"file": place_column(path.name, rows)})


def _mark_records(path: Path) -> pa.StructArray:
    """All records of all pages; a relation is an identifier, or ``{"data": {...}}`` where it was included."""
    if not path.is_file():
        raise UnreadableDelivery(f"The delivery has no {path.name}.")
    data = path.read_bytes()
    if not data.strip():
        raise UnreadableDelivery(f"{path.name} is empty.")
    block = max(len(line) for line in data.splitlines()) + 2
    students = (TEXT, pa.struct([("data", pa.struct([("id", TEXT)]))]))
    codes = (TEXT, pa.struct([("data", pa.struct([("code", TEXT)]))]))
    for student, code in product(students, codes):
        record = pa.struct(
            [
                ("session", TEXT),
                ("date", DATE),
                ("student", student),
                ("attendance_code", code),
                ("minutes_late", pa.int64()),
            ]
        )
        try:
            pages = pa.json.read_json(
                pa.BufferReader(data),
                read_options=pa.json.ReadOptions(block_size=block, use_threads=False),
                parse_options=pa.json.ParseOptions(
                    explicit_schema=pa.schema([("data", pa.list_(record))]), unexpected_field_behavior="ignore"
                ),
            )
        except pa.ArrowException:
            continue
        lists = pages.column("data").combine_chunks()
        if lists.null_count:
            raise UnreadableDelivery(f"A page of {path.name} has no data.")
        return lists.flatten()
    raise UnreadableDelivery(f"{path.name} is not pages of session marks.")


def _moment(dates: pa.StructArray) -> pa.Array:
    parts = [pc.fill_null(pc.struct_field(dates, [name]), "") for name in ("date", "timezone")]
    return pc.binary_join_element_wise(*parts, "|")


def _civil_date(moment: str) -> str:
    """The school's day of a date object: midnight in UTC may be the next day in a British summer."""
    stamp, _, zone = moment.partition("|")
    day, _, clock = stamp.partition(" ")
    if zone in ("UTC", "Z", "+00:00") and clock and not clock.startswith("00:00"):
        try:
            utc = datetime.fromisoformat(stamp).replace(tzinfo=ZoneInfo("UTC"))
        except ValueError:
            return stamp
        return utc.astimezone(SCHOOL_ZONE).date().isoformat()
    return day


def _translate(column: pa.Array, meaning: Any) -> pa.DictionaryArray:
    """A dictionary column whose distinct words are translated once each; null becomes the empty word."""
    coded = pc.fill_null(column, "").dictionary_encode()
    words = pa.array([meaning(word) if word else "" for word in coded.dictionary.to_pylist()], TEXT).dictionary_encode()
    return pa.DictionaryArray.from_arrays(words.indices.take(coded.indices).cast(pa.int32()), words.dictionary)
