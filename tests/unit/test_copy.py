"""Binary COPY: what goes in as arrow comes out of PostgreSQL the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from rollcall.warehouse import copy as copying
from rollcall.warehouse.connect import connect
from rollcall.warehouse.copy import copy_table
from tests.registers import Register

KINDS: dict[str, tuple[pa.DataType, str]] = {
    "small": (pa.int16(), "smallint"),
    "number": (pa.int32(), "integer"),
    "day": (pa.date32(), "date"),
    "moment": (pa.timestamp("us", tz="UTC"), "timestamptz"),
    "flag": (pa.bool_(), "boolean"),
    "word": (pa.string(), "text"),
    "code": (pa.dictionary(pa.int32(), pa.string()), "text"),
}
SCHEMA = pa.schema([(name, kind) for name, (kind, _) in KINDS.items()])
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
ROW = st.fixed_dictionaries(
    {
        "small": st.none() | st.integers(-(2**15), 2**15 - 1),
        "number": st.none() | st.integers(-(2**31), 2**31 - 1),
        "day": st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)),
        "moment": st.none()
        | st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda value: value.replace(tzinfo=UTC)),
        "flag": st.none() | st.booleans(),
        "word": st.none() | TEXT,
        "code": st.none() | st.sampled_from(["/", "\\", "L", "C2", "", "Zoë", "名前"]),
    }
)


def round_trip(register: Register, table: pa.Table) -> list[dict[str, Any]]:
    """The rows as PostgreSQL holds them, in the order of ``place``."""
    names = [*KINDS, "place"]
    types = ", ".join(f"{name} {kind}" for name, (_, kind) in KINDS.items())
    table = table.append_column("place", pa.array(range(table.num_rows), pa.int32()))
    with connect(register.settings, "loader") as connection:
        connection.execute(f"create temp table trip ({types}, place integer) on commit drop")
        assert copy_table(connection, sql.SQL("trip"), table) == table.num_rows
        rows = connection.execute("select * from trip order by place").fetchall()
    return [dict(zip(names[:-1], row[:-1], strict=True)) for row in rows]


@pytest.fixture(params=["binary", "csv"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both forms of COPY: a table takes the one that costs less, and must not show which."""
    monkeypatch.setattr(copying, "_ROWS_OF_A_SHAPE", 0 if request.param == "binary" else 10**9)


@pytest.mark.usefixtures("form")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=20))
def test_every_kind_of_value_comes_back_as_it_was(empty_register: Register, rows: list[dict[str, Any]]):
    assert round_trip(empty_register, pa.Table.from_pylist(rows, schema=SCHEMA)) == rows


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    "word", [None, "", '"', '""', "\\.", "\\N", "NULL", "a,b", "one\ntwo", "one\r\ntwo", " a ", "\t"]
)
def test_a_word_is_never_taken_for_something_else(empty_register: Register, word: str | None):
    row = {"small": None, "number": 2, "day": None, "moment": None, "flag": False, "word": word, "code": word}
    assert round_trip(empty_register, pa.Table.from_pylist([row], schema=SCHEMA)) == [row]


@pytest.mark.usefixtures("form")
def test_what_every_row_says_alike_is_written_to_each(empty_register: Register):
    moment = datetime(2026, 7, 8, 19, 30, 0, 250, UTC)
    alike = {"known_from": pa.scalar(moment, pa.timestamp("us", tz="UTC")), "extract_id": pa.scalar(7, pa.int32())}
    with connect(empty_register.settings, "loader") as connection:
        connection.execute("create temp table trip (number integer, known_from timestamptz, extract_id integer)")
        copy_table(connection, sql.SQL("trip"), pa.table({"number": pa.array([1, None], pa.int32())}), alike)
        assert connection.execute("select * from trip order by number").fetchall() == [
            (1, moment, 7),
            (None, moment, 7),
        ]


@pytest.mark.usefixtures("form")
def test_a_table_of_several_chunks_is_written_whole_and_in_step(empty_register: Register):
    row = {"small": 1, "number": 2, "day": date(2026, 7, 8), "moment": None, "flag": True, "word": "a", "code": "/"}
    other = row | {"number": 3, "word": None, "code": "C2"}
    parts = [pa.Table.from_pylist([item], schema=SCHEMA) for item in (row, other, row)]
    parts.insert(0, SCHEMA.empty_table())
    parts.insert(2, SCHEMA.empty_table())
    assert round_trip(empty_register, pa.concat_tables(parts)) == [row, other, row]


def test_an_empty_table_writes_no_row(empty_register: Register):
    assert round_trip(empty_register, SCHEMA.empty_table()) == []


def test_a_type_that_copy_does_not_know_is_refused_by_name(empty_register: Register):
    with connect(empty_register.settings, "loader") as connection:
        connection.execute("create temp table trip (a double precision) on commit drop")
        with pytest.raises(TypeError, match="double"):
            copy_table(connection, sql.SQL("trip"), pa.table({"a": pa.array([1.5])}))


def test_a_value_that_the_table_refuses_leaves_nothing(empty_register: Register):
    with pytest.raises(psycopg.Error), connect(empty_register.settings, "loader") as connection:
        copy_table(
            connection,
            sql.Identifier("register", "touched_week"),
            pa.table({"extract_id": pa.array([None, 1], pa.int32())}),
        )
    assert empty_register.rows("select count(*) from register.touched_week where week_start is null") == [(0,)]
