"""Which city this is: schools, calendar and policy, read from the folder that a setting names."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from rollcall.errors import SettingsError

PHASES: Final = ("primary", "secondary", "special", "nursery", "ap", "independent")
CONNECTORS: Final = ("wonde", "sftp", "folder", "")
FILES: Final = ("settings.yml", "schools.csv", "calendar.csv")

State = tuple[int, int, int]


@dataclass(frozen=True)
class School:
    """One school of the directory (``schools.csv``); ``connector`` is empty until its register route is agreed."""

    urn: int
    laestab: str
    name: str
    type: str
    type_group: str
    phase: str
    trust: str
    ward_code: str
    ward_name: str
    connector: str
    connection: str
    connector_settings: dict[str, str]
    link_officer: str
    sold_services: str
    open_date: date | None
    close_date: date | None

    @property
    def is_independent(self) -> bool:
        """Independents are first-class, and outside DfE's published cohort."""
        return self.phase == "independent"

    @property
    def label(self) -> str:
        """Name and URN, as operators read it."""
        return f"{self.name} ({self.urn})"


@dataclass(frozen=True)
class CalendarRow:
    """A range of ``calendar.csv``: ``urn`` None stands for every school; ``kind`` is ``term`` or ``closed``."""

    urn: int | None
    academic_year: str
    kind: str
    name: str
    first_day: date
    last_day: date
    status: str


@dataclass(frozen=True)
class Period:
    """A named stretch of an academic year: the year itself, a term or a half term."""

    academic_year: str
    period_type: str
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class City:
    """The whole folder, checked: schools by URN, calendar, periods and thresholds."""

    name: str
    la_code: str
    is_synthetic: bool
    timezone: str
    schools: dict[int, School]
    calendar: tuple[CalendarRow, ...]
    periods: tuple[Period, ...]
    thresholds: dict[str, Any]
    folder: Path

    def threshold(self, name: str) -> Any:
        """The value of a threshold of ``settings.yml``; raises ``SettingsError`` where it is not set."""
        if name not in self.thresholds:
            raise SettingsError(f"Threshold {name} is not in {self.folder.name}/settings.yml.")
        return self.thresholds[name]["value"]

    def academic_year_of(self, day: date) -> Period:
        """The academic year that a day falls in."""
        for period in self.periods:
            if period.period_type == "year" and period.first_day <= day <= period.last_day:
                return period
        raise SettingsError(f"No academic year of {self.folder.name}/settings.yml holds {day}.")

    def connected_schools(self) -> list[School]:
        """The schools with a register route, in URN order."""
        return [school for _, school in sorted(self.schools.items()) if school.connector]

    def school_days(self, urn: int) -> list[date]:
        """Days on which a school's declared calendar says it is open, in order."""
        own = [row for row in self.calendar if row.urn == urn]
        own_years = {row.academic_year for row in own if row.kind == "term"}
        terms = [row for row in own if row.kind == "term"]
        terms += [
            row
            for row in self.calendar
            if row.urn is None and row.kind == "term" and row.academic_year not in own_years
        ]
        closed = [row for row in self.calendar if row.kind == "closed" and row.urn in (None, urn)]
        days = {day for row in terms for day in _days(row) if day.weekday() < 5}
        return sorted(days - {day for row in closed for day in _days(row)})


def _days(row: CalendarRow) -> list[date]:
    return [row.first_day + timedelta(days=offset) for offset in range((row.last_day - row.first_day).days + 1)]


def _date(text: str | date | None) -> date | None:
    if text is None or text == "":
        return None
    return text if isinstance(text, date) else date.fromisoformat(text)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise SettingsError(f"The city folder has no {path.name}.", next_action="Set ROLLCALL_CITY to a city folder.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: (value or "").strip() for key, value in row.items() if key} for row in csv.DictReader(file)]


def _school(row: dict[str, str], line: int) -> School:
    try:
        settings = dict(part.split("=", 1) for part in row["connector_settings"].split(";") if part)
        fields = {key: row[key] for key in ("laestab", "name", "type", "type_group", "phase", "trust", "ward_code")}
        more = {key: row[key] for key in ("ward_name", "connector", "connection", "link_officer", "sold_services")}
        school = School(
            urn=int(row["urn"]),
            connector_settings=settings,
            open_date=_date(row["open_date"]),
            close_date=_date(row["close_date"]),
            **fields,
            **more,
        )
    except (KeyError, ValueError) as error:
        raise SettingsError(f"schools.csv line {line}: {error}.") from error
    if school.phase not in PHASES or school.connector not in CONNECTORS:
        raise SettingsError(
            f"schools.csv line {line}: phase {school.phase!r} or connector {school.connector!r} unknown."
        )
    return school


def _calendar_row(row: dict[str, str], line: int) -> CalendarRow:
    try:
        return CalendarRow(
            urn=None if row["urn"] == "*" else int(row["urn"]),
            academic_year=row["academic_year"],
            kind=row["kind"],
            name=row["name"],
            first_day=date.fromisoformat(row["first_day"]),
            last_day=date.fromisoformat(row["last_day"]),
            status=row["status"],
        )
    except (KeyError, ValueError) as error:
        raise SettingsError(f"calendar.csv line {line}: {error}.") from error


def _periods(years: list[dict[str, Any]]) -> list[Period]:
    periods = []
    for year in years:
        named = [("year", {**year, "name": "year to date"})]
        named += [("term", term) for term in year.get("terms", [])]
        named += [("half_term", half) for half in year.get("half_terms", [])]
        for kind, item in named:
            first, last = _date(item["first_day"]), _date(item["last_day"])
            if first is None or last is None or first > last:
                raise SettingsError(f"settings.yml: {year['name']} {item['name']} has no valid first and last day.")
            periods.append(Period(year["name"], kind, item["name"], first, last))
    return periods


def is_synthetic(folder: Path) -> bool:
    """Whether a city folder is an invented one, whose evenings pass by command and not by the clock."""
    path = folder / "settings.yml"
    return bool(_settings(path, _state(path))["is_synthetic"])


def load_city(folder: Path) -> City:
    """Read and check a city folder; raises ``SettingsError`` with file and line.

    What was read is kept until a file of it changes: processes forked after the first call need not read it again.
    """
    return _city(folder, tuple(_state(folder / name) for name in FILES))


def _state(path: Path) -> State | None:
    """When and how long a file was written; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    # a file that is moved into another's place keeps its time of writing, but not that of its change
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size


@lru_cache(maxsize=4)
def _settings(path: Path, state: State | None) -> dict[str, Any]:
    """``settings.yml`` in this ``state``."""
    if state is None:
        raise SettingsError("The city folder has no settings.yml.", next_action="Set ROLLCALL_CITY to a city folder.")
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


@lru_cache(maxsize=4)
def _city(folder: Path, states: tuple[State | None, ...]) -> City:
    """The folder with its files in these ``states``, in the order of ``FILES``."""
    raw = _settings(folder / FILES[0], states[0])
    schools = [_school(row, line) for line, row in enumerate(_rows(folder / FILES[1]), start=2)]
    if len({school.urn for school in schools}) != len(schools):
        raise SettingsError("schools.csv names a URN twice.")
    calendar = [_calendar_row(row, line) for line, row in enumerate(_rows(folder / FILES[2]), start=2)]
    return City(
        name=raw["name"],
        la_code=str(raw["la_code"]),
        is_synthetic=bool(raw["is_synthetic"]),
        timezone=raw["timezone"],
        schools={school.urn: school for school in schools},
        calendar=tuple(calendar),
        periods=tuple(_periods(raw["academic_years"])),
        thresholds=raw["thresholds"],
        folder=folder,
    )
