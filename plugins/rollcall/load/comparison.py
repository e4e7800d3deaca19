"""Marks that an extract states beside marks that the register knows, compared in columns: only what differs is staged.

A year-to-date snapshot repeats some 150,000 marks of a school, and nearly all of them are known exactly so. What is
known is read from the register itself and never remembered: whatever was loaded, released or superseded since the
school last spoke is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rollcall.warehouse.connect import Connection

MARKS: Final = pa.schema(
    [("enrolment_id", pa.int32()), ("session_date", pa.date32()), ("half", pa.int16()), ("minutes_late", pa.int16())]
    + [(name, pa.dictionary(pa.int32(), pa.string())) for name in ("code", "raw_code")]
)
"""Marks as the register keeps them: ``half`` is 1 or 2; ``raw_code`` is null where it says no more than ``code``."""

DIFFERENCE: Final = pa.schema([*MARKS, ("is_sent", pa.bool_()), ("is_known", pa.bool_())])
"""What differs: a mark stated and not known, stated otherwise than known, or known and not stated (then no values)."""

# One row an enrolment, its marks as packed values in one order: a fifth of the cost of one row a mark.
_READ: Final = """
    with known as (
        select
            enrolment_id, code, raw_code, minutes_late,
            int4send((session_date - date '1970-01-01') * 4 + half) as session
        from register.mark
        where is_current and enrolment_id = any(%(enrolments)s) and session_date between %(first)s and %(last)s
    )

    select
        enrolment_id,
        string_agg(session, ''),
        string_agg(coalesce(code, ''), ','),
        string_agg(session, '') filter (where minutes_late is not null),
        string_agg(int2send(minutes_late), '') filter (where minutes_late is not null),
        string_agg(session, '') filter (where raw_code is not null),
        array_agg(raw_code) filter (where raw_code is not null)
    from known
    group by enrolment_id
"""
_NONE: Final = -1
_OFFSET: Final = 1 << 31
"""Moves a session's number (four a day, from 1970) above nought, so that it fills the lower half of a key."""
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Columns:
    """Marks as numbers, sorted by ``key`` (enrolment, day and half in one); words count in one vocabulary, -1 = null."""

    key: Ints
    minutes: Numbers
    code: Numbers
    raw: Numbers

    def differs(self, mine: Ints | slice, other: Columns, theirs: Ints | slice) -> npt.NDArray[np.bool_]:
        """Whether the marks at these places say something else than the other's marks at those."""
        differs: npt.NDArray[np.bool_] = self.minutes[mine] != other.minutes[theirs]
        differs |= self.code[mine] != other.code[theirs]
        differs |= self.raw[mine] != other.raw[theirs]
        return differs


class Vocabulary:
    """A number for every code that either side writes."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: _NONE}

    def numbers(self, words: list[str | None]) -> Numbers:
        """The numbers of these words."""
        return np.array([self._numbers.setdefault(word, len(self._numbers)) for word in words], dtype=np.int32)

    def of_column(self, column: pa.ChunkedArray) -> Numbers:
        """The numbers of a dictionary column."""
        words = one_dictionary(column)
        if words.null_count == len(words):
            return np.full(len(words), _NONE, dtype=np.int32)
        numbers = np.append(self.numbers(words.dictionary.to_pylist()), np.int32(_NONE))
        places = pc.fill_null(words.indices, len(numbers) - 1).to_numpy(zero_copy_only=False)
        found: Numbers = numbers[places]
        return found


def one_dictionary(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A dictionary column as one array."""
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], column.type)
    return whole


def columns_of(marks: pa.Table, words: Vocabulary) -> tuple[Columns, Ints | None]:
    """Marks (``MARKS``) as numbers, and where each of them stands in the table (None = in the same order)."""
    days = marks["session_date"].cast(pa.int32()).to_numpy().astype(np.int64)
    key = _key(marks["enrolment_id"].to_numpy(), days * 4 + marks["half"].to_numpy())
    minutes = marks["minutes_late"].fill_null(_NONE).to_numpy().astype(np.int32)
    columns = Columns(key, minutes, words.of_column(marks["code"]), words.of_column(marks["raw_code"]))
    if (key[1:] >= key[:-1]).all():
        return columns, None
    # the few marks that differ are looked up in the table: it is not sorted as a whole
    order = np.argsort(key, kind="stable")
    return Columns(key[order], columns.minutes[order], columns.code[order], columns.raw[order]), order


def read_known(connection: Connection, enrolments: list[int], first: date, last: date, words: Vocabulary) -> Columns:
    """The register's current marks of these enrolments between two days."""
    values = {"enrolments": enrolments, "first": first, "last": last}
    rows = connection.cursor(binary=True).execute(_READ, values).fetchall()
    key = _keys(rows, 1)
    code = pc.split_pattern(pa.array([",".join(row[2] for row in rows)][: len(rows)], pa.string()), ",").flatten()
    if len(code) != len(key):
        raise ValueError("a code in the register holds a comma")
    coded = code.dictionary_encode()
    numbers = words.numbers([word or None for word in coded.dictionary.to_pylist()])
    code_of = numbers[coded.indices.to_numpy()]
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key, kind="stable")
        key, code_of = key[order], code_of[order]
    nothing = np.full(len(key), _NONE, dtype=np.int32)
    known = Columns(key, nothing, code_of, nothing.copy())
    late = b"".join(row[4] or b"" for row in rows)
    known.minutes[np.searchsorted(key, _keys(rows, 3))] = np.frombuffer(late, ">i2")
    known.raw[np.searchsorted(key, _keys(rows, 5))] = words.numbers([word for row in rows for word in row[6] or ()])
    return known


def difference_of(
    stated: Columns, marks: pa.Table, order: Ints | None, known: Columns, *, with_missing: bool
) -> pa.Table:
    """What differs between ``stated`` (with its table and ``order`` in it) and ``known``, as ``DIFFERENCE``;
    ``with_missing``: what is known and not stated as well."""
    if np.array_equal(stated.key, known.key):
        everything = slice(None)
        is_known, is_missing = np.ones(len(stated.key), dtype=bool), np.zeros(len(known.key), dtype=bool)
        differs = stated.differs(everything, known, everything)
    else:
        place = np.searchsorted(known.key, stated.key)
        nearest = np.minimum(place, max(len(known.key) - 1, 0))
        is_known = known.key[nearest] == stated.key if len(known.key) else np.zeros(len(stated.key), dtype=bool)
        differs = ~is_known
        mine = np.flatnonzero(is_known)
        differs[mine] = stated.differs(mine, known, nearest[mine])
        is_missing = np.ones(len(known.key), dtype=bool)
        is_missing[nearest[mine]] = False
    places = np.flatnonzero(differs)
    sent = marks.take(pa.array(places if order is None else order[places]))
    sent = sent.append_column("is_sent", pa.array(np.ones(sent.num_rows, dtype=bool)))
    sent = sent.append_column("is_known", pa.array(is_known[differs]))
    sent = sent.cast(DIFFERENCE)
    return pa.concat_tables([sent, _missing(known.key[is_missing])]).unify_dictionaries() if with_missing else sent


def _missing(key: Ints) -> pa.Table:
    session = (key & 0xFFFFFFFF) - _OFFSET
    columns = {
        "enrolment_id": pa.array((key >> 32).astype(np.int32)),
        "session_date": pa.array((session // 4).astype(np.int32)).cast(pa.date32()),
        "half": pa.array((session % 4).astype(np.int16)),
        **{name: pa.nulls(len(key), MARKS.field(name).type) for name in ("minutes_late", "code", "raw_code")},
        "is_sent": pa.array(np.zeros(len(key), dtype=bool)),
        "is_known": pa.array(np.ones(len(key), dtype=bool)),
    }
    return pa.table(columns, schema=DIFFERENCE)


def _key(enrolment: Any, session: Any) -> Ints:
    return (np.asarray(enrolment, dtype=np.int64) << 32) + (np.asarray(session, dtype=np.int64) + _OFFSET)


def _keys(rows: list[tuple[Any, ...]], place: int) -> Ints:
    packed = [row[place] or b"" for row in rows]
    owner = np.repeat(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([len(item) // 4 for item in packed], dtype=np.int64),
    )
    return _key(owner, np.frombuffer(b"".join(packed), ">i4"))
