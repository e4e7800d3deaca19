"""Marks: the facts that need a second table, worked out for all rows at once, and the canonical rows that remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from rollcall.city import City
from rollcall.extract import MARKS, TEXT, Extract
from rollcall.validate.codes import Codes, classify
from rollcall.validate.dates import EPOCH, UNREADABLE, as_dates, days_of_words
from rollcall.validate.enrolments import Enrolments
from rollcall.validate.rules import Rows, Suite

LONGEST_LATE: Final = 600
"""Minutes: more than any school day has."""

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class MarkFacts:
    """Canonical marks of every stated row, and their facts once per distinct combination.

    A school's 380,000 marks have a few dozen combinations of facts: the suite judges each once, ``combination`` says
    which one a row has. ``is_repeated`` marks a second row with the same key and content.
    """

    table: pa.Table
    distinct: pd.DataFrame
    combination: npt.NDArray[np.int64]
    is_repeated: Bools


@dataclass(frozen=True)
class JudgedMarks:
    """Marks after the suite: ``reason`` is the position of the first quarantining rule in the suite (-1 = none)."""

    accepted: pa.Table
    withheld: pa.Table
    reason: Ints
    is_repeated: Bools
    rows_broken: dict[str, int]


def mark_facts(stated: pa.Table, extract: Extract, city: City, codes: Codes, enrolments: Enrolments) -> MarkFacts:
    """Canonical columns and facts of one extract's marks; facts that cannot be known for a row are None."""
    words = {
        name: _whole(stated.column(name)) for name in ("pupil_id", "session_date", "session", "code", "minutes_late")
    }
    index = {name: column.indices.to_numpy(zero_copy_only=False) for name, column in words.items()}
    text = {name: column.dictionary.to_pylist() for name, column in words.items()}
    days = days_of_words(words["session_date"])
    has_day = days != UNREADABLE
    is_named = _lookup([word != "" for word in text["pupil_id"]], index["pupil_id"])
    pupil, entry, is_within = enrolments.find(text["pupil_id"], index["pupil_id"], days)
    names, code, is_taken, is_in_force = classify(text["code"], index["code"], days, codes, extract.urn)
    minutes, is_minutes_stated = _minutes(text["minutes_late"], index["minutes_late"])
    half = _lookup([1 if word == "AM" else 2 if word == "PM" else 0 for word in text["session"]], index["session"])
    is_unambiguous, is_repeated = _same_key(index["pupil_id"], days, half, index["code"], minutes)
    facts = {
        "is_pupil_named": (is_named, None),
        "is_date_readable": (has_day, None),
        "is_known_pupil": (pupil >= 0, is_named),
        "is_within_enrolment": (is_within, has_day & (pupil >= 0)),
        "is_not_in_future": (days <= extract.night.toordinal() - EPOCH, has_day),
        "is_in_scope": (_in_scope(days, extract), has_day),
        "is_unambiguous": (is_unambiguous, is_named & has_day & (half > 0)),
        "is_code_known": (code >= 0, is_taken),
        "is_code_in_force": (is_in_force, (code >= 0) & has_day),
        "is_minutes_readable": (minutes >= 0, is_minutes_stated),
        "is_on_school_day": (_on_school_day(days, extract, city), has_day),
    }
    length = _lookup([min(len(word), 99) for word in text["code"]], index["code"])
    distinct, combination = _combine(facts, text["session"], index["session"], length)
    table = _canonical(stated, words, names, days=days, code=code, minutes=minutes, entry=entry)
    return MarkFacts(table, distinct, combination, is_repeated)


def judge_marks(facts: MarkFacts, suite: Suite, broken: Mapping[str, Rows]) -> JudgedMarks:
    """Apply the suite's judgement (positions in ``facts.distinct`` by rule): quarantine, drop repeated rows."""
    rows_of = np.bincount(facts.combination, minlength=len(facts.distinct))
    reason_of = np.full(len(facts.distinct), -1, dtype=np.int32)
    for place, rule in enumerate(suite.rules):
        if rule.on_fail == "quarantine":
            rows = broken[rule.id]
            reason_of[rows[reason_of[rows] < 0]] = place
    reason = reason_of[facts.combination] if len(facts.combination) else np.array([], dtype=np.int32)
    is_quarantined = reason >= 0
    is_repeated = facts.is_repeated & ~is_quarantined
    return JudgedMarks(
        accepted=_filter(facts.table, ~(is_quarantined | is_repeated)),
        withheld=_filter(facts.table, is_quarantined).select(["pupil_id", "session_date", "session"]),
        reason=reason,
        is_repeated=is_repeated,
        rows_broken={rule.id: int(rows_of[broken[rule.id]].sum()) for rule in suite.rules},
    )


def _whole(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], TEXT))
    return column.unify_dictionaries().combine_chunks()


def _filter(table: pa.Table, keep: Bools) -> pa.Table:
    return table if keep.all() else table.filter(pa.array(keep))


def _lookup(values: list[int] | list[bool], index: Ints) -> npt.NDArray[np.int32]:
    return np.array(values or [0], dtype=np.int32)[index]


def _minutes(words: list[str], index: Ints) -> tuple[Ints, Bools]:
    """Minutes late per row (-1 = none or unreadable) and whether any were stated."""
    values = [int(word) if word.isascii() and word.isdigit() and len(word) < 5 else -1 for word in words]
    read = _lookup([value if value <= LONGEST_LATE else -1 for value in values], index)
    return read, _lookup([word != "" for word in words], index).astype(bool)


def _in_scope(days: Ints, extract: Extract) -> Bools:
    inside = np.ones(len(days), dtype=bool)
    if extract.scope_from is not None:
        inside &= days >= extract.scope_from.toordinal() - EPOCH
    if extract.scope_to is not None:
        inside &= days <= extract.scope_to.toordinal() - EPOCH
    return inside


def _on_school_day(days: Ints, extract: Extract, city: City) -> Bools:
    open_days = np.array([day.toordinal() - EPOCH for day in city.school_days(extract.urn)], dtype=np.int32)
    return np.isin(days, open_days)


def _same_key(pupil: Ints, days: Ints, half: Ints, code: Ints, minutes: Ints) -> tuple[Bools, Bools]:
    """Per row: whether every row of its key says the same, and whether an earlier row of the file already said it."""
    rows = len(days)
    if not rows:
        return np.array([], dtype=bool), np.array([], dtype=bool)
    key = ((pupil.astype(np.int64) << 22) + (days.astype(np.int64) - UNREADABLE)) * 4 + half
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    starts = np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]])
    if starts.all():
        return np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool)
    content = (code.astype(np.int64) * 1024 + minutes)[order]
    group = np.cumsum(starts) - 1
    first = content[starts][group]
    differs = np.bincount(group, weights=content != first) > 0
    is_unambiguous, is_repeated = np.empty(rows, dtype=bool), np.empty(rows, dtype=bool)
    is_unambiguous[order] = ~differs[group]
    is_repeated[order] = ~starts & ~differs[group]
    return is_unambiguous, is_repeated


def _combine(
    facts: dict[str, tuple[Bools, Bools | None]], sessions: list[str], session: Ints, length: Ints
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Facts as digits of one number per row (0 false, 1 true, 2 not known): equal rows have equal numbers."""
    number = session.astype(np.int64) * 100 + length
    for is_true, is_known in facts.values():
        digit = is_true.astype(np.int64)
        number = number * 3 + (digit if is_known is None else np.where(is_known, digit, 2))
    combination, distinct = pd.factorize(number)
    rest = np.asarray(distinct, dtype=np.int64)
    columns = {}
    meaning = np.array([False, True, None], dtype=object)
    for name in reversed(facts):
        columns[name] = pd.Series(meaning[rest % 3], dtype=object)
        rest = rest // 3
    columns["code_length"] = pd.Series(rest % 100)
    columns["session"] = pd.Series(np.array(sessions or [""], dtype=object)[rest // 100], dtype=object)
    return pd.DataFrame(columns), combination.astype(np.int64)


def _canonical(
    stated: pa.Table,
    words: dict[str, pa.DictionaryArray],
    names: list[str],
    *,
    days: Ints,
    code: Ints,
    minutes: Ints,
    entry: Ints,
) -> pa.Table:
    raw, raw_index = words["code"], words["code"].indices.to_numpy(zero_copy_only=False)
    is_blank = _lookup([word == "" for word in raw.dictionary.to_pylist()], raw_index).astype(bool)
    columns = {
        "file": _whole(stated.column("file")),
        "line": stated.column("line"),
        "pupil_id": words["pupil_id"],
        "session_date": as_dates(days),
        "session": words["session"],
        "raw_code": pa.DictionaryArray.from_arrays(pa.array(raw_index, pa.int32(), mask=is_blank), raw.dictionary),
        "code": pa.DictionaryArray.from_arrays(pa.array(code, pa.int32(), mask=code < 0), pa.array(names, TEXT)),
        "minutes_late": pa.array(minutes, pa.int32(), mask=minutes < 0).cast(pa.int16()),
        "entry_date": as_dates(entry),
    }
    return pa.table({name: columns[name] for name in MARKS.names}, schema=MARKS)
