"""Bring arrow tables into PostgreSQL by binary COPY, without a Python object per row.

COPY's binary format is fixed-width once the lengths of a row's texts are known, so rows are grouped by the shape of
their texts and nulls, and each group is written as one numpy structured array.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from rollcall.warehouse.connect import Connection

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_TRAILER: Final = b"\xff\xff"
_POSTGRES_EPOCH_DAYS: Final = 10957
_POSTGRES_EPOCH_MICROSECONDS: Final = _POSTGRES_EPOCH_DAYS * 86_400_000_000
_NULL: Final = -1

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Column:
    """One column ready to write: big-endian values, and the length of each in bytes (-1 = null)."""

    values: Array
    lengths: Array


def copy_table(connection: Connection, target: sql.Composable, table: pa.Table) -> int:
    """COPY ``table`` into ``target`` (columns by name, types as PostgreSQL's); returns the number of rows.

    Takes int16, int32, date32, timestamp(us, UTC), bool and (dictionary of) string columns, which must meet smallint,
    integer, date, timestamptz, boolean and text: binary COPY casts nothing. Raises ``TypeError`` for others.
    """
    columns = [_column(table.column(name)) for name in table.column_names]
    names = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(target, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER)
        for block in _blocks(columns, table.num_rows):
            copy.write(block)
        copy.write(_TRAILER)
    return int(table.num_rows)


def _blocks(columns: list[_Column], rows: int, size: int = 400_000) -> Iterator[bytes]:
    for start in range(0, rows, size):
        stop = min(start + size, rows)
        shape = np.zeros(stop - start, dtype=np.int64)
        for column in columns:
            # each column's distinct lengths become a digit, so that a row's shape is one number
            lengths, digit = np.unique(column.lengths[start:stop], return_inverse=True)
            shape = shape * len(lengths) + digit
        order = np.argsort(shape, kind="stable")
        edges = np.flatnonzero(np.diff(shape[order])) + 1
        for group in np.split(order, edges):
            yield _rows_of_one_shape(columns, group + start)


def _rows_of_one_shape(columns: list[_Column], rows: Array) -> bytes:
    fields: list[Any] = [("count", ">i2")]
    lengths = [int(column.lengths[rows[0]]) for column in columns]
    for number, length in enumerate(lengths):
        fields.append((f"length{number}", ">i4"))
        if length > 0:
            fields.append((f"value{number}", f"V{length}"))
    block = np.zeros(len(rows), dtype=np.dtype(fields))
    block["count"] = len(columns)
    for number, (column, length) in enumerate(zip(columns, lengths, strict=True)):
        block[f"length{number}"] = length
        if length > 0:
            values = np.ascontiguousarray(column.values[rows])
            raw = values.view(np.uint8).reshape(len(rows), -1)[:, :length]
            block[f"value{number}"] = np.ascontiguousarray(raw).view(f"V{length}").reshape(-1)
    return block.tobytes()


def _column(column: pa.ChunkedArray) -> _Column:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], type=column.type)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _dictionary(array)
    if pa.types.is_string(kind) or pa.types.is_null(kind):
        return _dictionary(array.cast(pa.string()).dictionary_encode())
    return _fixed(array)


def _fixed(array: Any) -> _Column:
    kind = array.type
    present = array.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_boolean(kind):
        values = array.fill_null(False).to_numpy(zero_copy_only=False).astype(">u1")
    elif pa.types.is_int16(kind):
        values = array.fill_null(0).to_numpy(zero_copy_only=False).astype(">i2")
    elif pa.types.is_int32(kind):
        values = array.fill_null(0).to_numpy(zero_copy_only=False).astype(">i4")
    elif pa.types.is_date32(kind):
        days = array.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        values = (days - _POSTGRES_EPOCH_DAYS).astype(">i4")
    elif pa.types.is_timestamp(kind) and kind.unit == "us":
        moments = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        values = (moments - _POSTGRES_EPOCH_MICROSECONDS).astype(">i8")
    else:
        raise TypeError(f"copy_table does not write {kind}")
    return _Column(values, np.where(present, values.dtype.itemsize, _NULL).astype(np.int32))


def _dictionary(array: pa.DictionaryArray) -> _Column:
    words = [word.encode() for word in array.dictionary.cast(pa.string()).to_pylist()]
    width = max((len(word) for word in words), default=1) or 1
    dictionary = np.array([*words, b""], dtype=f"S{width}")
    lengths = np.array([len(word) for word in words] + [_NULL], dtype=np.int32)
    codes = pc.fill_null(array.indices.cast(pa.int32()), len(words)).to_numpy(zero_copy_only=False)
    return _Column(dictionary[codes], lengths[codes])
