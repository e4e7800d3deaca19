"""The register template as CSV: everything is text; encoding and delimiter are sniffed; nothing is guessed."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from rollcall.errors import UnreadableDelivery
from rollcall.extract import TEXT, WORD
from rollcall.validate.readers.stated import (
    MARK_COLUMNS,
    NEEDED_MARK_COLUMNS,
    NEEDED_PUPIL_COLUMNS,
    PUPIL_COLUMNS,
    RowFault,
    Stated,
    check_header,
    mark_table,
    pupil_table,
)

BLOCK_BYTES: Final = 4 * 1024**2
DELIMITERS: Final = (",", ";", "\t")
MANY_FAULTS: Final = 100_000


def read(raw: Path) -> Stated:
    """``pupils.csv`` and ``marks.csv`` as text; raises ``UnreadableDelivery`` where one is missing or no such table."""
    pupils, pupil_faults, remarks = read_table(raw / "pupils.csv", PUPIL_COLUMNS, NEEDED_PUPIL_COLUMNS, TEXT)
    marks, mark_faults, more = read_table(raw / "marks.csv", MARK_COLUMNS, NEEDED_MARK_COLUMNS, WORD)
    return Stated(
        pupil_table(pupils, "pupils.csv"), mark_table(marks, "marks.csv"), pupil_faults + mark_faults, remarks + more
    )


def read_table(
    path: Path, columns: list[str] | tuple[str, ...], needed: tuple[str, ...], kind: pa.DataType
) -> tuple[pa.Table, list[RowFault], list[str]]:
    """One CSV table with ``line`` (its record number, the header being 1), its unreadable rows, and remarks."""
    if not path.is_file():
        raise UnreadableDelivery(f"The delivery has no {path.name}.")
    data, remarks = _utf8(path)
    delimiter, header, body = _header(path.name, data)
    remarks += check_header(path.name, header, columns, needed)
    if not _says_something(body):  # pyarrow calls a table without rows an error
        return (
            _finish(pa.table({name: pa.array([], kind) for name in header if name in columns}), columns, kind, []),
            [],
            remarks,
        )
    skipped: list[tuple[int, int]] = []

    def note(row: pa.csv.InvalidRow) -> str:
        skipped.append((row.number or 0, row.actual_columns))
        return "skip"

    wanted = [name for name in columns if name in header]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(body),
            # one thread, so that the number of a bad row is known
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=header),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter,
                escape_char=False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types={name: kind for name in wanted},
                include_columns=wanted,
                strings_can_be_null=False,
                check_utf8=False,  # it was proved of the whole file
            ),
        )
    except pa.ArrowException as error:
        raise UnreadableDelivery(f"{path.name} cannot be read as a table.") from error
    faults = [
        RowFault(
            path.name, number + 1, path.stem, "row_has_every_field", f"{found} fields, {len(header)} in the header"
        )
        for number, found in skipped[:MANY_FAULTS]
    ]
    return _finish(table, columns, kind, [number for number, _ in skipped]), faults, remarks


def _utf8(path: Path) -> tuple[bytes, list[str]]:
    """The file as UTF-8 without byte-order mark; Windows-1252 is converted and remarked."""
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnreadableDelivery(f"{path.name} is UTF-16; the template asks for UTF-8.")
    if b"\0" in data:
        raise UnreadableDelivery(f"{path.name} holds NUL bytes; it is not text.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b'"' in data and data.count(b'"') % 2:
        raise UnreadableDelivery(f"{path.name} has a quote that never closes; it may be cut off.")
    if data.isascii():  # proved without a second copy of the file
        return data, []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252").encode(), [f"{path.name} was read as Windows-1252."]
        except UnicodeDecodeError as error:
            raise UnreadableDelivery(f"{path.name} is neither UTF-8 nor Windows-1252.") from error
    return data, []


def _says_something(body: memoryview) -> bool:
    """Whether there is more than white space; nearly always the first bytes tell."""
    return bool(bytes(body[:4096]).strip() or bytes(body).strip())


def _header(name: str, data: bytes) -> tuple[str, list[str], memoryview]:
    """Delimiter, column names and the rest; the delimiter is the one that names most columns."""
    end = data.find(b"\n")
    end = len(data) if end < 0 else end
    # a view: the rest is the whole file but one line, and is not copied
    line, body = data[:end], memoryview(data)[end + 1 :]
    if not line.strip():
        raise UnreadableDelivery(f"{name} has no header line.")
    if line.lstrip()[:1] in (b"<", b"{"):
        raise UnreadableDelivery(f"{name} is HTML, XML or JSON instead of CSV.")
    text = line.decode("utf-8")[:10_000].rstrip("\r")
    delimiter = max(DELIMITERS, key=text.count)
    try:
        names = next(csv.reader(io.StringIO(text), delimiter=delimiter))
    except (csv.Error, StopIteration) as error:
        raise UnreadableDelivery(f"{name} has a header line that cannot be read.") from error
    return delimiter, [column.strip().lower() for column in names], body


def _finish(table: pa.Table, columns: list[str] | tuple[str, ...], kind: pa.DataType, bad: list[int]) -> pa.Table:
    """Number the rows as the file does, drop empty lines, and add the columns that the file does not have."""
    numbers = np.arange(1, table.num_rows + len(bad) + 1, dtype=np.int32)
    if bad:
        numbers = np.delete(numbers, np.asarray(bad, dtype=np.int64) - 1)
    present = table.column_names
    for name in columns:
        if name not in present:
            empty = pa.array([""], TEXT)
            blank = pa.DictionaryArray.from_arrays(pa.array(np.zeros(table.num_rows, dtype=np.int32)), empty)
            table = table.append_column(name, blank if pa.types.is_dictionary(kind) else blank.cast(TEXT))
    table = table.append_column("line", pa.array(numbers + 1, pa.int32()))
    is_blank = np.ones(table.num_rows, dtype=bool)
    for name in present:
        if not is_blank.any():
            break
        is_blank &= _is_empty(table.column(name))
    return table.filter(pa.array(~is_blank)) if is_blank.any() else table


def _is_empty(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Per row, whether the field is empty; of a dictionary the words are asked and not the rows."""
    if not pa.types.is_dictionary(column.type):
        empty = pc.equal(pc.fill_null(column, ""), "")
        return np.asarray(empty.to_numpy(zero_copy_only=False), dtype=bool)
    parts = [np.zeros(0, dtype=bool)]
    for chunk in column.chunks:
        of_word = np.array([word in (None, "") for word in chunk.dictionary.to_pylist()] + [True])
        parts.append(of_word[pc.fill_null(chunk.indices, len(of_word) - 1).to_numpy(zero_copy_only=False)])
    return np.concatenate(parts)
