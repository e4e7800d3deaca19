"""Marks: the facts that need a second table, worked out for all rows at once, and the canonical rows that remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from rollcall.city import City
from rollcall.extract import MARKS, TEXT, Extract
from rollcall.validate.codes import Codes, classify
from rollcall.validate.dates import EPOCH, UNREADABLE, as_dates, days_of
from rollcall.validate.enrolments import Enrolments
from rollcall.validate.facts import Bools, Fact, Ints, Words, combine
from rollcall.validate.rules import Rows, Suite

LONGEST_LATE: Final = 600
"""Minutes: more than any school day has."""


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
    columns = {
        name: _whole(stated.column(name)) for name in ("pupil_id", "session_date", "session", "code", "minutes_late")
    }
    pupil, date, session, code, minutes = (_words(column) for column in columns.values())
    day_of_word = np.array([days_of(word) for word in date.text] or [UNREADABLE], dtype=np.int32)
    has_day = day_of_word != UNREADABLE
    days = day_of_word[date.place]
    is_named = _each([word != "" for word in pupil.text])
    number_of_word = enrolments.numbers(pupil.text)
    entry, is_within = enrolments.find(number_of_word, pupil.place, days)
    # what a code means depends on its day: each pair that occurs is looked up once
    pair, distinct = pd.factorize(code.place.astype(np.int64) * len(day_of_word) + date.place)
    code_of_pair, day_of_pair = np.divmod(np.asarray(distinct, dtype=np.int64), len(day_of_word))
    names, meaning, is_taken, is_in_force = classify(
        code.text, code_of_pair.astype(np.int32), day_of_word[day_of_pair], codes, extract.urn
    )
    minutes_of_word, is_stated = _minutes(minutes.text)
    half_of_word = np.array([1 if word == "AM" else 2 if word == "PM" else 0 for word in session.text] or [0], np.int32)
    is_unambiguous, is_repeated = _same_key(
        pupil.place, days, half_of_word[session.place], code.place, minutes_of_word[minutes.place]
    )
    has_place = is_named[pupil.place] & has_day[date.place]
    facts = {
        "is_pupil_named": Fact(is_named, None, pupil.place),
        "is_date_readable": Fact(has_day, None, date.place),
        "is_known_pupil": Fact(number_of_word >= 0, is_named, pupil.place),
        "is_within_enrolment": Fact(is_within, (number_of_word >= 0)[pupil.place] & has_day[date.place]),
        "is_not_in_future": Fact(day_of_word <= extract.night.toordinal() - EPOCH, has_day, date.place),
        "is_in_scope": Fact(_in_scope(day_of_word, extract), has_day, date.place),
        "is_unambiguous": Fact(is_unambiguous, has_place & (half_of_word > 0)[session.place]),
        "is_code_known": Fact(meaning >= 0, is_taken, pair),
        "is_code_in_force": Fact(is_in_force, (meaning >= 0) & has_day[day_of_pair], pair),
        "is_minutes_readable": Fact(minutes_of_word >= 0, is_stated, minutes.place),
        "is_on_school_day": Fact(_on_school_day(day_of_word, extract, city), has_day, date.place),
    }
    combinations, combination = combine(facts, session, Words([code.text[place] for place in code_of_pair], pair))
    table = _canonical(
        stated,
        columns,
        session_date=as_dates(days),
        code=_code_column(names, meaning, pair),
        minutes_late=_nullable(minutes_of_word.astype(np.int16)[minutes.place]),
        entry_date=as_dates(entry),
    )
    return MarkFacts(table, combinations, combination, is_repeated)


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


def _words(column: pa.DictionaryArray) -> Words:
    return Words(column.dictionary.to_pylist(), column.indices.to_numpy(zero_copy_only=False))


def _each(values: list[bool]) -> Bools:
    """A value for every word, and one where there is no word at all."""
    return np.array(values or [False], dtype=bool)


def _minutes(words: list[str]) -> tuple[Ints, Bools]:
    """Minutes late of each word (-1 = none or unreadable) and whether any were stated."""
    values = [int(word) if word.isascii() and word.isdigit() and len(word) < 5 else -1 for word in words]
    read = np.array([value if value <= LONGEST_LATE else -1 for value in values] or [-1], dtype=np.int32)
    return read, _each([word != "" for word in words])


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
    if (key[1:] > key[:-1]).all():  # as a register is usually written: by pupil, day and session
        return np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool)
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


def _code_column(names: list[str], meaning: Ints, pair: npt.NDArray[np.integer]) -> pa.DictionaryArray:
    """The statutory code of every row; null where it is unknown."""
    return pa.DictionaryArray.from_arrays(_nullable(meaning[pair]), pa.array(names, TEXT))


def _nullable(values: npt.NDArray[Any]) -> pa.Array:
    """Numbers of which those below nought are null."""
    return pa.array(values, mask=values < 0)


def _canonical(stated: pa.Table, words: dict[str, pa.DictionaryArray], **worked_out: pa.Array) -> pa.Table:
    raw = words["code"]
    is_blank = _each([word == "" for word in raw.dictionary.to_pylist()])
    if is_blank.any():
        index = raw.indices.to_numpy(zero_copy_only=False)
        raw = pa.DictionaryArray.from_arrays(pa.array(index, pa.int32(), mask=is_blank[index]), raw.dictionary)
    columns = {
        "file": _whole(stated.column("file")),
        "line": stated.column("line"),
        "pupil_id": words["pupil_id"],
        "session": words["session"],
        "raw_code": raw,
    } | worked_out
    return pa.table({name: columns[name] for name in MARKS.names}, schema=MARKS)
