"""The published marts as files: one a mart, all of one publication, with a data dictionary and a manifest beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from rollcall.errors import SettingsError
from rollcall.report.catalogue.dictionary import Mart
from rollcall.warehouse.connect import Connection

Format = Literal["parquet", "csv"]
ON_DEMAND: Final = ("fct_sessions",)
"""A row a mark: sixteen million of them a year, so only who names it gets it."""
_BATCH: Final = 50_000
_TYPES: Final[dict[int, pa.DataType]] = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int16(), 23: pa.int32(), 25: pa.string(), 1043: pa.string(), 19: pa.string(),
    1082: pa.date32(), 1184: pa.timestamp("us", tz="UTC"), 1700: pa.float64(), 701: pa.float64(),
}  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Exported:
    """One file: its mart, rows and sha256."""

    mart: str
    file: str
    rows: int
    sha256: str


def exportable(connection: Connection) -> list[str]:
    """The names of every published view, by name."""
    rows = connection.execute("select viewname from pg_views where schemaname = 'serve' order by 1").fetchall()
    return [row[0] for row in rows]


def export_marts(
    connection: Connection,
    folder: Path,
    marts: Sequence[str],
    kind: Format,
    dictionary: Sequence[Mart],
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Exported]:
    """Write the marts named (none: every one but ``ON_DEMAND``) into ``folder``, which only its owner can enter.

    All of them are read in one snapshot, so that no file is of another publication. Each file is written aside and
    renamed. Raises ``SettingsError`` where a mart is not published or nothing is.
    """
    connection.execute("set transaction isolation level repeatable read read only")
    there = exportable(connection)
    wanted = list(marts) or [name for name in there if name not in ON_DEMAND]
    unknown = sorted(set(wanted) - set(there))
    if unknown or not there:
        raise SettingsError(
            f"Not published: {', '.join(unknown) or 'any mart'}.",
            next_action="See the data dictionary for the marts there are, or run `rollcall night`.",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    done = []
    for number, name in enumerate(wanted, start=1):
        done.append(_export(connection, folder, name, kind))
        if progress:
            progress("export", number, len(wanted))
    _write_dictionary(folder, [mart for mart in dictionary if mart.name in wanted])
    _write_manifest(connection, folder, kind, done)
    return done


def _export(connection: Connection, folder: Path, name: str, kind: Format) -> Exported:
    path = folder / f"{name}.{kind}"
    aside = path.with_suffix(path.suffix + ".part")
    with _private(aside), connection.cursor(name=f"export_{name}") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(sql.SQL("select * from {}").format(sql.Identifier("serve", name)))
        schema = pa.schema([(column.name, _type_of(column)) for column in cursor.description or ()])
        rows = (_write_parquet if kind == "parquet" else _write_csv)(aside, schema, _batches(cursor, schema))
    aside.replace(path)
    return Exported(name, path.name, rows, _digest(path))


def _type_of(column: psycopg.Column) -> pa.DataType:
    """Numbers without a fixed scale (rates) become doubles; an array or any other kind becomes its text."""
    return _TYPES.get(column.type_code, pa.string())


def _batches(cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(_BATCH):
        columns = [
            pa.array([_cell(value, field.type) for value in values], field.type)
            for field, values in zip(schema, zip(*rows, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _cell(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_floating(kind):
        return float(value)
    return str(value) if pa.types.is_string(kind) and not isinstance(value, str) else value


def _write_parquet(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_csv(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(schema.names)
        for batch in batches:
            columns = [_texts(column) for column in batch.columns]
            writer.writerows(zip(*columns, strict=True))
            rows += batch.num_rows
    return rows


def _texts(column: pa.Array) -> list[Any]:
    """Values for CSV; a text that a spreadsheet would take for a formula is marked as text."""
    values: list[Any] = column.to_pylist()
    if not pa.types.is_string(column.type):
        return values
    return [f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in values]


def _write_dictionary(folder: Path, marts: Sequence[Mart]) -> None:
    path = folder / "dictionary.csv"
    with _private(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["mart", "row_is", "column", "type", "meaning"])
        for mart in marts:
            for column in mart.columns:
                writer.writerow([mart.name, mart.description, column.name, column.data_type, column.description])


def _write_manifest(connection: Connection, folder: Path, kind: Format, done: Sequence[Exported]) -> None:
    row = connection.execute("select night, known_at, published_at, code_version from serve.publication").fetchone()
    night, known_at, published_at, version = row or (None,) * 4
    known = connection.execute(
        "select sessions_known, sessions_expected from serve.agg_city_absence"
        " where period_type = 'year' order by academic_year desc limit 1"
    ).fetchone() or (0, 0)
    manifest = {
        "night": str(night), "known_at": str(known_at), "published_at": str(published_at), "code_version": version,
        "sessions_known": known[0], "sessions_expected": known[1], "format": kind,
        "files": [{"mart": item.mart, "file": item.file, "rows": item.rows, "sha256": item.sha256} for item in done],
    }  # fmt: skip
    path = folder / "manifest.json"
    with _private(path):
        path.write_text(json.dumps(manifest, indent=2), encoding="utf-8")


@contextmanager
def _private(path: Path) -> Iterator[None]:
    """A file that only its owner can read, from its first byte; removed where writing it fails."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    path.chmod(0o600)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
