"""Bring arrow tables into PostgreSQL by binary COPY, without a Python object per row.

COPY's binary format is fixed-width once the lengths of a row's texts are known, so rows are grouped by the shape of
their texts and nulls, and each group is written as one numpy structured array. A small table of many texts has nearly
a shape a row: it is written as CSV, with every value quoted and only a null left bare.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from rollcall.warehouse.connect import Connection

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_TRAILER: Final = b"\xff\xff"
_POSTGRES_EPOCH_DAYS: Final = 10957
_POSTGRES_EPOCH_MICROSECONDS: Final = _POSTGRES_EPOCH_DAYS * 86_400_000_000
_NULL: Final = -1
_BLOCK_ROWS: Final = 100_000
"""Rows written at once: few enough that the server begins early, and takes one block while the next is made."""
_ROWS_OF_A_SHAPE: Final = 50
"""Where a shape can be expected to hold fewer rows than that, CSV costs less."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Column:
    """One column ready to write: big-endian ``values``, and where ``place`` is given, which of them each row has.

    ``lengths`` are the lengths in bytes that occur (-1 = null); ``digit`` says which of them each row has, and is None
    where there is one only.
    """

    values: Array
    place: Array | None
    lengths: tuple[int, ...]
    digit: Array | None

    def of_rows(self, rows: Array, length: int) -> Array:
        """The values of these rows, all of one length."""
        place = rows if self.place is None else self.place[rows]
        if self.values.dtype.kind != "S":
            return self.values[place]
        # words are cut to the length that these rows have, before or after they are found, whichever are fewer
        if len(self.values) > len(rows):
            return self.values[place].astype(f"S{length}")
        words = self.values.astype(f"S{length}")
        return (words.view(f"u{length}") if length in (1, 2, 4, 8) else words)[place]


def copy_table(
    connection: Connection, target: sql.Composable, table: pa.Table, constants: Mapping[str, pa.Scalar] | None = None
) -> int:
    """COPY ``table`` into ``target`` (columns by name, types as PostgreSQL's); returns the number of rows.

    Takes int16, int32, date32, timestamp(us, UTC), bool and (dictionary of) string columns, which must meet smallint,
    integer, date, timestamptz, boolean and text: binary COPY casts nothing. ``constants`` are further columns that say
    the same in every row. Raises ``TypeError`` for other types.
    """
    constants = constants or {}
    columns = [_column(table.column(name)) for name in table.column_names]
    fixed = [_column(pa.chunked_array([pa.array([value.as_py()], value.type)])) for value in constants.values()]
    is_binary = prod(len(column.lengths) for column in columns) * _ROWS_OF_A_SHAPE <= table.num_rows
    names = sql.SQL(", ").join(map(sql.Identifier, [*table.column_names, *constants]))
    options = sql.SQL("format binary" if is_binary else "format csv, encoding 'UTF8'")
    statement = sql.SQL("copy {} ({}) from stdin ({})").format(target, names, options)
    # blocks are sent from a thread: while the server takes one, the next is made
    with connection.cursor() as cursor, cursor.copy(statement, writer=QueuedLibpqWriter(cursor)) as copy:
        if not is_binary:
            copy.write(_csv(table, constants))
            return int(table.num_rows)
        copy.write(_HEADER)
        for block in _blocks(columns, fixed, table.num_rows):
            copy.write(block)
        copy.write(_TRAILER)
    return int(table.num_rows)


def _csv(table: pa.Table, constants: Mapping[str, pa.Scalar]) -> bytes:
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    for number, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type) or pa.types.is_null(column.type):
            table = table.set_column(number, column.name, table.column(number).cast(pa.string()))
    if not table.num_rows:
        return b""
    # in one piece: the writer makes noise of an empty chunk
    table = table.combine_chunks()
    sink = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pa.csv.write_csv(table, sink, options)
    return sink.getvalue()


def _blocks(columns: list[_Column], constants: list[_Column], rows: int) -> Iterator[bytes]:
    for start in range(0, rows, _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, rows)
        shape, shapes = np.zeros(stop - start, dtype=np.int64), 1
        for column in columns:
            # which length a column has in a row becomes a digit, so that a row's shape is one number
            if column.digit is not None:
                shape = shape * len(column.lengths) + column.digit[start:stop]
                shapes *= len(column.lengths)
        # a stable sort of small numbers is a radix sort
        order = np.argsort(shape.astype(np.int16) if shapes <= 2**15 else shape, kind="stable")
        edges = np.flatnonzero(np.diff(shape[order])) + 1
        for group in np.split(order, edges):
            yield _rows_of_one_shape(columns, constants, group + start)


def _rows_of_one_shape(columns: list[_Column], constants: list[_Column], rows: Array) -> bytes:
    fields: list[Any] = [("count", ">i2")]
    values: dict[str, Array] = {}
    lengths: dict[str, int] = {}
    for number, column in enumerate([*columns, *constants]):
        length = column.lengths[0 if column.digit is None else int(column.digit[rows[0]])]
        fields.append((f"length{number}", ">i4"))
        lengths[f"length{number}"] = length
        if length > 0:
            of = rows if number < len(columns) else np.zeros(1, dtype=np.int64)
            values[f"value{number}"] = column.of_rows(of, length)
            fields.append((f"value{number}", values[f"value{number}"].dtype))
    block = np.empty(len(rows), dtype=np.dtype(fields))
    # what all rows share is written once and repeated
    alike = np.zeros(1, dtype=block.dtype)
    alike["count"] = len(columns) + len(constants)
    for name, length in lengths.items():
        alike[name] = length
    block[:] = alike
    for name, found in values.items():
        block[name] = found
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
    if not array.null_count:
        return _Column(values, None, (values.dtype.itemsize,), None)
    present = array.is_valid().to_numpy(zero_copy_only=False)
    return _Column(values, None, (_NULL, values.dtype.itemsize), present.astype(np.int8))


def _dictionary(array: pa.DictionaryArray) -> _Column:
    words = [word.encode() for word in array.dictionary.cast(pa.string()).to_pylist()]
    width = max((len(word) for word in words), default=1) or 1
    found, digit = np.unique([len(word) for word in words] + [_NULL], return_inverse=True)
    place = pc.fill_null(array.indices.cast(pa.int32()), len(words)).to_numpy(zero_copy_only=False)
    kind = np.int8 if len(found) < 2**7 else np.int32
    return _Column(np.array([*words, b""], dtype=f"S{width}"), place, tuple(map(int, found)), digit.astype(kind)[place])
