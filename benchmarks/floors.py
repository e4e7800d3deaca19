"""Floors: the least that the same work could take on this machine, measured on the same rows in the same run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import psycopg

from benchmarks.measure import timed
from rollcall.settings import PROJECT_ROOT

CODES = PROJECT_ROOT / "dbt_project" / "seeds" / "attendance_codes.csv"


def copy_floor(admin_dsn: str, leaf: str) -> float:
    """Seconds of a bare binary COPY of a leaf's rows into an unlogged heap without key or check."""
    with psycopg.connect(admin_dsn) as connection, tempfile.TemporaryFile() as file:
        with connection.cursor() as cursor:
            with cursor.copy(f"copy {leaf} to stdout (format binary)") as source:
                for block in source:
                    file.write(block)
            cursor.execute(f"create unlogged table public.floor (like {leaf})")
            file.seek(0)
            with timed() as clock, cursor.copy("copy public.floor from stdin (format binary)") as target:
                while block := file.read(1024 * 1024):
                    target.write(block)
        connection.rollback()
    return clock.seconds


def aggregate_floor(landing: Path, threads: int) -> float:
    """Seconds that DuckDB takes to count the same marks from the canonical files: by enrolment and week, then year."""
    with duckdb.connect() as database:
        database.execute(f"set threads = {threads}; set enable_progress_bar = false")
        with timed() as clock:
            database.execute(
                """
                create table weeks as
                select
                    marks.filename, marks.pupil_id, marks.entry_date, date_trunc('week', marks.session_date) as week,
                    count(*) as known, count(*) filter (codes.is_possible) as possible,
                    count(*) filter (codes.is_absence) as absent
                from read_parquet($marks, filename = true) as marks
                inner join read_csv($codes) as codes on marks.code = codes.code
                group by all
                """,
                {"marks": str(landing / "*" / "*" / "*" / "canonical" / "marks.parquet"), "codes": str(CODES)},
            )
            database.execute(
                """
                create table years as
                select filename, pupil_id, entry_date, sum(possible) as possible, sum(absent) as absent
                from weeks group by all
                """
            )
            database.execute("select filename, sum(possible), sum(absent) from years group by all").fetchall()
    return clock.seconds
