"""Rows of the aggregator's answers as JSON, a column at a time; each ends with a comma, so that rows beside one another
in memory are the inside of a list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.faces.happened import Latest
from simulator.faces.known import ENDINGS, SESSIONS, endings
from simulator.faces.template import PUPIL_COLUMNS
from simulator.truth.codes import CODES

CODE_IDS = {code: f"A2{place:07d}" for place, code in enumerate(CODES) if code}
TO_ESCAPE = r'["\\\x00-\x1f]'
Piece = str | pa.Array


def code_rows() -> pa.StringArray:
    """The attendance codes."""
    return rows_of(
        {"id": code_id, "code": code, "description": code, "type": None} for code, code_id in CODE_IDS.items()
    )


def rows_of(records: Iterable[dict[str, Any]]) -> pa.StringArray:
    """Few records as rows."""
    return pa.array([f"{json.dumps(record)}," for record in records], pa.string())


def mark_rows(marks: Latest, includes: set[str]) -> pa.StringArray:
    """Session marks in their order; one not taken has no row."""
    is_taken = marks.code != 0
    enrolment, day, half = (part[is_taken].astype(np.int64) for part in (marks.enrolment, marks.day, marks.half))
    ending = endings(marks.code[is_taken], enrolment, day)
    opening, closing = ('{"data":{"id":"A1', '"}}') if "student" in includes else ('"A1', '"')
    halves, at = np.unique(day * 2 + half - 1, return_inverse=True)
    days = [
        f'","mis_id":null,"session":"{SESSIONS[place % 2]}","date":{_moment(place // 2, "D", "Europe/London")}'
        f',"student":{opening}'
        for place in halves.tolist()
    ]
    return pc.binary_join_element_wise(
        '{"id":"A3',
        pa.array(enrolment * 100_000 + day * 2 + half).cast(pa.string()),
        pa.array(days, pa.string()).take(pa.array(at)),
        pa.array(enrolment).cast(pa.string()),
        _states(ending, marks.born[is_taken], marks.changed[is_taken], closing, "attendance_code" in includes),
        "",
    )


def _states(ending: np.ndarray, born: np.ndarray, changed: np.ndarray, closing: str, is_whole: bool) -> pa.Array:
    """What follows the student: code, minutes and stamps, of which the marks of a school share few."""
    at, moment = np.unique(np.concatenate([born, changed]), return_inverse=True)
    state = (ending * len(at) + moment[: len(born)]) * len(at) + moment[len(born) :]
    stamps = [_moment(second, "s", "UTC") for second in at.tolist()]
    distinct, place = np.unique(state, return_inverse=True)
    texts = []
    for number in distinct.tolist():
        code, minutes = ENDINGS[number // len(at) ** 2]
        code_id = (
            f'{{"data":{{"id":"{CODE_IDS[code]}","code":{json.dumps(code)}}}}}' if is_whole else f'"{CODE_IDS[code]}"'
        )
        texts.append(
            f'{closing},"attendance_code":{code_id},"comment":null,"minutes_late":{minutes or "null"}'
            f',"created_at":{stamps[number // len(at) % len(at)]},"updated_at":{stamps[number % len(at)]}}},'
        )
    return pa.array(texts, pa.string()).take(pa.array(place))


def _moment(number: int, unit: str, timezone: str) -> str:
    """A day or second since 1970 as the aggregator dumps it, without spaces."""
    text = str(np.datetime64(number, unit).astype("datetime64[s]")).replace("T", " ")
    return f'{{"date":"{text}.000000","timezone_type":3,"timezone":"{timezone}"}}'


def student_rows(students: pd.DataFrame, includes: set[str]) -> pa.StringArray:
    """Students as a template tells them, with ``enrolment_no``, ``mis_id`` and ``updated_at`` (a date) beside it. The
    id is that of the enrolment; the upi stays with the child.
    """
    columns = {name: pa.array(students[name], pa.string()) for name in [*PUPIL_COLUMNS, "mis_id"]}
    columns["id"] = pc.binary_join_element_wise("A1", pa.array(students["enrolment_no"]).cast(pa.string()), "")
    columns["updated_at"] = pa.array(students["updated_at"]).cast(pa.date32()).cast(pa.string())
    pieces: list[Piece] = [""]
    for piece in [*_pieces(_student(columns, includes)), ","]:
        if isinstance(piece, str) and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pc.binary_join_element_wise(*pieces, "")


def _student(of: dict[str, pa.Array], includes: set[str]) -> dict[str, Any]:
    """A student as JSON is made of: names, constants, and columns of JSON texts."""
    stamp = _date(of["updated_at"], "UTC")
    mis_id, surname, forename = (_quoted(of[name]) for name in ("mis_id", "surname", "forename"))
    body: dict[str, Any] = {
        "id": _quoted(of["id"]), "upi": _quoted(of["pupil_id"]), "mis_id": mis_id, "initials": "", "title": None,
        "surname": surname, "forename": forename, "middle_names": None, "legal_surname": surname,
        "legal_forename": forename, "gender": _gender(of["sex"]), "gender_identity": None,
        "date_of_birth": _date(of["date_of_birth"]), "restored_at": None, "created_at": stamp, "updated_at": stamp,
    }  # fmt: skip
    if "education_details" in includes:
        body["education_details"] = {"data": {
            "admission_number": mis_id, "upn": _or_null(of["upn"]), "local_upn": None,
            "former_upn": _or_null(of["former_upn"]), "current_nc_year": _quoted(of["nc_year"]),
            "admission_date": _date(of["entry_date"]), "leaving_date": _date(of["leaving_date"]),
            "leaving_reason": _or_null(of["leaving_reason"]), "removal_grounds": _or_null(of["removal_ground"]),
            "destination": _or_null(of["destination"]), "destination_urn": _or_null(of["destination_urn"]),
        }}  # fmt: skip
    if "extended_details" in includes:
        body["extended_details"] = {"data": {
            "ethnicity": _quoted(of["ethnicity"]), "sen_status": _quoted(of["sen"]),
            "in_lea_care": _flag(of["looked_after"]), "free_school_meals": _flag(of["fsm"]),
            "english_as_additional_language": _flag(of["eal"]), "enrolment_status": _quoted(of["enrolment_status"]),
            "first_language": _quoted(of["first_language"]), "child_in_need": _flag(of["cin"]),
            "child_protection_plan": _flag(of["cp"]), "is_boarder": _flag(of["is_boarder"]),
        }}  # fmt: skip
    if "registration" in includes:
        body["registration"] = {"data": {"name": _quoted(of["registration_group"])}}
    if "contact_details" in includes:
        body["contact_details"] = {"data": {"addresses": {"home": {"postcode": _quoted(of["postcode"])}}}}
    return body


def _pieces(value: Any) -> Iterator[Piece]:
    """The texts and columns that make a value's JSON, one after another."""
    if isinstance(value, pa.Array):
        yield value
    elif isinstance(value, dict):
        for place, (name, inside) in enumerate(value.items()):
            yield f'{", " if place else "{"}"{name}": '
            yield from _pieces(inside)
        yield "}"
    else:
        yield json.dumps(value)


def _quoted(column: pa.Array) -> pa.Array:
    """JSON texts: quotation marks are enough, unless a value holds what has to be escaped."""
    if pc.any(pc.match_substring_regex(column, TO_ESCAPE)).as_py():
        return pa.array([json.dumps(text, ensure_ascii=False) for text in column.to_pylist()], pa.string())
    return pc.binary_join_element_wise('"', column, '"', "")


def _or_null(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), "null", _quoted(column))


def _flag(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, "Y"), "true", "false")


def _gender(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, "F"), '"FEMALE"', pc.if_else(pc.equal(column, "M"), '"MALE"', "null"))


def _date(column: pa.Array, timezone: str = "Europe/London") -> pa.Array:
    """A date as the aggregator dumps it: local midnight, so that careless readers of UTC land on the day before in
    summer.
    """
    tail = f' 00:00:00.000000", "timezone_type": 3, "timezone": "{timezone}"}}'
    return pc.if_else(pc.equal(column, ""), "null", pc.binary_join_element_wise('{"date": "', column, tail, ""))
