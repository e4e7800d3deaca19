"""A small register in PostgreSQL and statements of schools for it: what the tests of the load stage load."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import pyarrow as pa

from rollcall.city import City, load_city
from rollcall.extract import MARKS, PUPILS, QUARANTINE, Extract, Verdict
from rollcall.load import Accepted, LoadResult, load_extract
from rollcall.runtime.installation import admin_dsn
from rollcall.settings import Settings
from rollcall.warehouse.connect import connect
from tests.deliveries import CALENDAR, SCHOOLS

ELM, OAK = 900001, 900002
DAY: Final = date(2026, 7, 6)
SETTINGS_YML: Final = """
name: Tiny
la_code: 831
is_synthetic: true
timezone: Europe/London
academic_years: [{name: "2025/26", first_day: 2025-08-01, last_day: 2026-07-31}]
thresholds:
  breaker_pupils_pct: {value: 5, source: test}
  breaker_min_pupils: {value: 3, source: test}
  breaker_marks_pct: {value: 2, source: test}
  breaker_feed_pct: {value: 10, source: test}
  breaker_feed_rows: {value: 3, source: test}
  quarantine_hold_pct: {value: 50, source: test}
"""
_PUPIL: Final = {
    "file": "pupils.csv", "line": 2, "surname": "Quux", "forename": "Ada", "date_of_birth": date(2015, 3, 17),
    "sex": "F", "nc_year": "6", "entry_date": date(2024, 9, 2), "enrolment_status": "C",
}  # fmt: skip


def pupil(pupil_id: str, **fields: Any) -> dict[str, Any]:
    """One canonical pupil; names differ by key, so that nobody is linked by chance."""
    return _PUPIL | {"pupil_id": pupil_id, "surname": f"Quux-{pupil_id}"} | fields


def mark(pupil_id: str, code: str | None = "/", day: date = DAY, session: str = "AM", **fields: Any) -> dict[str, Any]:
    """One canonical mark of an enrolment that began in September 2024."""
    base = {"file": "marks.csv", "line": 2, "session_date": day, "session": session, "entry_date": date(2024, 9, 2)}
    return base | {"pupil_id": pupil_id, "code": code, "raw_code": code} | fields


@dataclass(frozen=True)
class Register:
    """The warehouse of one test session, empty at the start of each test."""

    settings: Settings
    city: City

    def environment(self) -> dict[str, str]:
        """The environment in which the product finds this warehouse and its folders."""
        settings = self.settings
        return {
            "ROLLCALL_HOME": str(settings.home),
            "ROLLCALL_CITY": str(settings.city_folder),
            "ROLLCALL_LANDING": settings.landing,
            "ROLLCALL_DROP": str(settings.drop),
            "ROLLCALL_PUBLISHED": str(settings.published),
            "ROLLCALL_PG_PORT": str(settings.warehouse_port),
            "ROLLCALL_PG_DATABASE": settings.warehouse_database,
            "ROLLCALL_PG_HOST": "",
        }

    def load(
        self,
        pupils: list[dict[str, Any]],
        marks: list[dict[str, Any]],
        *,
        urn: int = ELM,
        day: int = 6,
        mode: str = "snapshot",
        withheld_pupils: list[tuple[str, date]] | None = None,
        withheld_marks: list[tuple[str, date, str]] | None = None,
        release: bool = False,
        **changes: Any,
    ) -> LoadResult:
        """Load one statement of a school, taken on the evening of a day of July 2026."""
        accepted = statement(pupils, marks, urn=urn, day=day, mode=mode, **changes)
        out = withheld_pupils or []
        columns = {"pupil_id": [item[0] for item in out], "entry_date": [item[1] for item in out]}
        kept_pupils = pa.table(columns, schema=pa.schema([("pupil_id", pa.string()), ("entry_date", pa.date32())]))
        names = ("pupil_id", "session_date", "session")
        kinds = pa.schema(list(zip(names, (pa.string(), pa.date32(), pa.string()), strict=True)))
        kept = {name: [item[place] for item in withheld_marks or []] for place, name in enumerate(names)}
        accepted = replace(accepted, pupils_withheld=kept_pupils, marks_withheld=pa.table(kept, schema=kinds))
        with connect(self.settings, "loader") as connection:
            return load_extract(connection, self.city, accepted, release=release)

    def rows(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of a query, as the administrator."""
        with psycopg.connect(admin_dsn(self.settings, self.settings.warehouse_database)) as connection:
            return connection.execute(query, values).fetchall()

    def codes(self, *, current: bool = True) -> list[str | None]:
        """The codes of all current marks (or of all past versions), in the order of pupils, days and sessions."""
        return [
            row[0]
            for row in self.rows(
                "select code from register.mark where is_current = %s order by enrolment_id, session_date, half,"
                " known_from",
                [current],
            )
        ]

    def clear(self) -> None:
        """Empty everything that a load writes."""
        tables = self.rows(
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables"
            " where (schemaname in ('register', 'identity', 'ops') and tablename not in ('alembic_version', 'export_log'))"
            " or (schemaname = 'city' and tablename not in ('school', 'school_session', 'period'))"
        )
        with psycopg.connect(admin_dsn(self.settings, self.settings.warehouse_database)) as connection:
            connection.execute(f"truncate {tables[0][0]} restart identity")


def statement(
    pupils: list[dict[str, Any]], marks: list[dict[str, Any]], *, urn: int, day: int, mode: str, **changes: Any
) -> Accepted:
    """An accepted extract with these canonical rows."""
    evening = datetime(2026, 7, day, 17, tzinfo=UTC)
    text = repr((pupils, marks, urn, day, mode, sorted(changes.items(), key=lambda item: item[0])))
    values: dict[str, Any] = {
        "extract_hash": hashlib.sha256(text.encode()).hexdigest(),
        "urn": urn,
        "connector": "folder",
        "format": "template_csv",
        "pupils_mode": mode,
        "marks_mode": mode,
        "scope_from": date(2026, 6, 1),
        "scope_to": date(2026, 7, day),
        "is_complete": mode != "delta",
        "source_time": evening,
        "source_path": f"{urn}/{day}",
        "fingerprint": text[:20],
        "night": date(2026, 7, day),
        "known_at": evening + timedelta(hours=2),
        "files": (),
        "landed_uri": "nowhere",
    }
    extract = Extract(**(values | changes))
    verdict = Verdict(
        extract.extract_hash, "accepted", "", "", len(pupils), len(pupils), 0, 0, len(marks), len(marks), 0, 0, 0, "t"
    )
    empty = QUARANTINE.empty_table()
    people = pa.Table.from_pylist(pupils, schema=PUPILS)
    return Accepted(extract, verdict, people, pa.Table.from_pylist(marks, schema=MARKS), empty, empty, empty)


def write_city(folder: Path) -> City:
    """Two schools, one half term, and the breaker's limits."""
    folder.mkdir(parents=True)
    for name, text in {"schools.csv": SCHOOLS, "calendar.csv": CALENDAR, "settings.yml": SETTINGS_YML}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_city(folder)
