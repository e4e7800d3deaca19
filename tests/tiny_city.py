"""A whole installation for the tests: eleven schools that deliver, one without a route, a year of marks, five evenings.

Its defects and planted corrections are the simulator's own; rolls are small, so that a night takes seconds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pandas as pd
import psycopg
import pytest
from psycopg import sql

from rollcall import nightly
from rollcall.city import City, load_city
from rollcall.extract import Night
from rollcall.runtime.installation import admin_dsn, migrate_warehouse, start_warehouse, stop
from rollcall.runtime.processes import Service
from rollcall.settings import PROJECT_ROOT, Settings, load_settings
from rollcall.warehouse.connect import connect
from simulator.truth.build import build_truth
from simulator.truth.store import Truth
from tests.ports import free_ports

# roll by school: the order of the SFTP schools' sizes decides which defect each of them gets
ROLLS: Final = {
    900001: 60, 900002: 110, 900003: 100, 900004: 90, 900006: 80, 900009: 70, 900011: 60,
    900078: 150, 900095: 30, 900105: 40, 900110: 40,
}  # fmt: skip
SILENT, HALF_GONE, BAD_ROWS, ODD_BYTES, EMPTY, LATE = 900003, 900004, 900006, 900009, 900011, 900095
SECONDARY, WITHOUT_ROUTE = 900078, 900099
HISTORY_UNTIL: Final = date(2026, 7, 7)
NIGHTS: Final = (date(2026, 7, 8), date(2026, 7, 9), date(2026, 7, 10))
LAST_DAY: Final = "2026-07-14"


@dataclass(frozen=True)
class TinyCity:
    """The installation's settings and what a test asks of it."""

    settings: Settings
    simulator_port: int

    @property
    def city(self) -> City:
        """The city folder, read."""
        return load_city(self.settings.city_folder)

    @property
    def truth(self) -> Truth:
        """The simulator's ground truth."""
        return Truth(self.settings.home / "truth")

    @property
    def admin_dsn(self) -> str:
        """Address of the warehouse for its administrator: a test may look at everything."""
        return admin_dsn(self.settings, self.settings.warehouse_database)

    def rows(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of a query, as the administrator."""
        with psycopg.connect(self.admin_dsn) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, values: Any = None) -> Any:
        """The one value of a query."""
        return self.rows(query, values)[0][0]

    def change(self, statement: str, values: Any = None) -> None:
        """Change something behind the product's back, as the administrator."""
        with psycopg.connect(self.admin_dsn) as connection:
            connection.execute(statement, values)

    def as_role(self, role: str) -> Any:
        """A connection as one role, through its own password."""
        return connect(self.settings, role)

    def hash_of(self, schema: str, name: str) -> str:
        """A hash of a relation's rows, whatever their order."""
        lines = sql.SQL("select md5(mart::text) as line from {} as mart").format(sql.Identifier(schema, name))
        query = sql.SQL("select md5(coalesce(string_agg(line, '|' order by line), '')) from ({}) as lines")
        with psycopg.connect(self.admin_dsn) as connection:
            row = connection.execute(query.format(lines)).fetchone()
        return str(row[0]) if row else ""

    def mart_hashes(self) -> dict[str, str]:
        """Relation -> hash, for every published mart."""
        names = self.rows("select schemaname, tablename from pg_tables where schemaname in ('marts', 'reports')")
        return {f"{schema}.{name}": self.hash_of(schema, name) for schema, name in names}

    def evening(self, day: date) -> None:
        """Let an evening come: files are dropped, the clock of the faces moves."""
        folders = ["--sftp", str(self._sftp_root), "--folder", str(self.settings.drop)]
        simulator("drop", "--truth", str(self.truth.folder), "--night", str(day), *folders)
        now = datetime(day.year, day.month, day.day, 19, tzinfo=UTC).isoformat()
        clock = f"http://127.0.0.1:{self.simulator_port}/_sim/clock"
        httpx.post(clock, json={"now": now}, timeout=60).raise_for_status()

    def withdraw_delivery(self, urn: int, day: date) -> None:
        """Take a school's delivery of an evening out of its drop: the school says nothing."""
        shutil.rmtree(self._sftp_root / str(urn) / f"register-{day}")

    def run_night(self, day: date, schools: list[int] | None = None) -> nightly.NightSummary:
        """Collect, validate and load, build, audit, publish and report, in this process."""
        night = night_of(day)
        summary = self.load_night(day, schools)
        self.model(night)
        nightly.write_reports()
        return summary

    def load_night(self, day: date, schools: list[int] | None = None) -> nightly.NightSummary:
        """Collect, validate and load only."""
        nightly.collect_all(self.settings, night_of(day), schools or [], lambda *_: None)
        nightly.bring_feeds(night_of(day))
        return nightly.validate_and_load(night_of(day), workers=1)

    def model(self, night: Night, *, full_refresh: bool = False) -> None:
        """Build, audit and publish."""
        nightly.build(night, full_refresh=full_refresh)
        nightly.publish(night, nightly.audit(night)["figures"])

    @property
    def _sftp_root(self) -> Path:
        return self.settings.home / "schools" / "sftp"


def night_of(day: date) -> Night:
    """The night of a simulated evening."""
    return Night(day, datetime(day.year, day.month, day.day, 19, 30, tzinfo=UTC))


def simulator(*arguments: str) -> str:
    """Run one command of the simulator; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(home: Path, city: Path) -> dict[str, str]:
    """The environment of an installation of its own, on ports of its own."""
    warehouse, airflow = free_ports(1) + free_ports(1)
    return {
        "ROLLCALL_HOME": str(home),
        "ROLLCALL_CITY": str(city),
        "ROLLCALL_LANDING": str(home / "landing"),
        "ROLLCALL_PUBLISHED": str(home / "published"),
        "ROLLCALL_DROP": str(home / "drop"),
        "ROLLCALL_PG_HOST": "",
        "ROLLCALL_PG_PORT": str(warehouse),
        "ROLLCALL_PG_DATABASE": "rollcall",
        "ROLLCALL_AIRFLOW_PORT": str(airflow),
    }


def write_city_folder(folder: Path) -> None:
    """The demo city's folder with these schools only, each as small as ``ROLLS`` says."""
    source = PROJECT_ROOT / "simulator" / "city"
    folder.mkdir(parents=True)
    shutil.copy(source / "settings.yml", folder)
    shutil.copy(source / "feeds.csv", folder)
    for name in ("schools.csv", "rolls.csv", "calendar.csv"):
        rows = pd.read_csv(source / name, dtype=str, keep_default_na=False)
        rows = rows[rows["urn"].isin([*map(str, ROLLS), "*"])]
        if name == "rolls.csv":
            rows["roll"] = rows["urn"].astype(int).map(ROLLS).astype(str)
        rows.to_csv(folder / name, index=False, lineterminator="\n")


def add_school_without_route(folder: Path) -> None:
    """One more school in the directory whose register route nobody has agreed yet."""
    row = pd.read_csv(folder / "schools.csv", dtype=str, keep_default_na=False).iloc[:1]
    row = row.assign(
        urn=str(WITHOUT_ROUTE),
        laestab="8319099",
        name="Routeless Primary School",
        connector="",
        connection="",
        connector_settings="",
    )
    row.to_csv(folder / "schools.csv", mode="a", header=False, index=False, lineterminator="\n")


@contextmanager
def installed(folder: Path) -> Iterator[TinyCity]:
    """The tiny city in a folder, with the environment to find it, until it is no longer needed."""
    home, city_folder = folder / "home", folder / "city"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ROLLCALL_SECRETS", "ROLLCALL_CONNECTIONS"):
            patch.delenv(name, raising=False)
        for name, value in environment(home, city_folder).items():
            patch.setenv(name, value)
        try:
            yield start_tiny_city(home, city_folder)
        finally:
            stop(load_settings(), purge=True)


def start_tiny_city(home: Path, city_folder: Path) -> TinyCity:
    """Make and start everything up to the published history; the environment is set already."""
    write_city_folder(city_folder)
    build_truth(home / "truth", last_day=LAST_DAY, city=city_folder)
    add_school_without_route(city_folder)
    settings = load_settings()
    http, sftp = free_ports(2)
    tiny = TinyCity(settings, http)
    start_warehouse(settings)
    migrate_warehouse(settings)
    settings.drop.mkdir(parents=True)
    tiny._sftp_root.mkdir(parents=True)
    truth = ["--truth", str(tiny.truth.folder)]
    host_key = ["--host-key", str(settings.secrets / "simulator_host_key")]
    ports = ["--http-port", str(http), "--sftp-port", str(sftp)]
    connections = str(settings.connections_file)
    simulator("credentials", *truth, "--out", connections, *ports, *host_key, "--folder", str(settings.drop))
    council = ["--council", str(settings.drop)]
    simulator("history", *truth, "--until", str(HISTORY_UNTIL), "--drop", str(home / "history"), *council)
    serve = ["-m", "simulator", "serve", *truth, *ports, *host_key, "--credentials", connections]
    serve += ["--sftp-root", str(tiny._sftp_root)]
    faces = Service("simulator", [sys.executable, *serve], {"PYTHONPATH": str(PROJECT_ROOT)}, home / "run")
    faces.start()
    _wait_for_faces(faces, http)
    nightly.load_history(night_of(HISTORY_UNTIL), workers=1)
    nightly.bring_feeds(night_of(HISTORY_UNTIL))
    tiny.model(night_of(HISTORY_UNTIL), full_refresh=True)
    return tiny


def _wait_for_faces(faces: Service, port: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    answer = "nothing"
    while time.monotonic() < end and faces.is_running():
        try:
            answer = str(httpx.get(f"http://127.0.0.1:{port}/_sim/health", timeout=5).status_code)
        except httpx.HTTPError as error:
            answer = type(error).__name__
        if answer == "200":
            return
        time.sleep(0.2)
    log = faces.log.read_text(encoding="utf-8")[-500:]
    raise TimeoutError(f"the simulated school systems answer {answer}; they run: {faces.is_running()}; {log}")
