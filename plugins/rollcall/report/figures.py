"""What the city report shows, read as ``bi_reader`` from the views of ``serve``: every number on the page is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from rollcall.warehouse.connect import Connection

PHASES: Final = ("primary", "secondary", "special", "ap", "nursery", "independent")


@dataclass(frozen=True)
class Absence:
    """Counts of one area and period: sessions, enrolments of DfE's cohort, schools."""

    name: str
    sessions_expected: int
    sessions_known: int
    sessions_possible: int
    sessions_absent: int
    sessions_authorised: int
    sessions_unauthorised: int
    schools_in: int
    schools_expected: int
    enrolments: int
    persistent: int
    severe: int
    first_day: date | None = None

    @property
    def rate(self) -> float | None:
        """Absent sessions, % of possible."""
        return 100 * self.sessions_absent / self.sessions_possible if self.sessions_possible else None

    @property
    def coverage(self) -> float:
        """Known sessions, % of expected."""
        return 100 * self.sessions_known / self.sessions_expected if self.sessions_expected else 0.0


@dataclass(frozen=True)
class SchoolNote:
    """A school that is not, or not wholly, in the figures, and why."""

    school: str
    phase: str
    status: str
    reason: str
    last_session: date | None


@dataclass(frozen=True)
class CityFigures:
    """Everything on the page."""

    night: date
    known_at: datetime
    code_version: str
    academic_year: str
    city: Absence
    cohort: Absence
    weeks: tuple[Absence, ...]
    phases: tuple[Absence, ...]
    notes: tuple[SchoolNote, ...]
    candidates: tuple[tuple[str, str, int], ...]
    quarantined: int
    benchmarks: dict[tuple[str, str, str], float]
    before: dict[str, int]


_COLUMNS: Final = """
    sessions_expected, sessions_known, sessions_possible, sessions_absent, sessions_authorised, sessions_unauthorised,
    schools_in, schools_expected
"""


def read_figures(connection: Connection, before: dict[str, int]) -> CityFigures:
    """Read the whole page from the published set."""
    published = _one(connection, "select night, known_at, code_version from serve.publication")
    night = published["night"]
    year = _one(
        connection,
        "select academic_year from serve.dim_dates where calendar_date = %s",
        [night],
    )["academic_year"]
    return CityFigures(
        night=night,
        known_at=published["known_at"],
        code_version=published["code_version"],
        academic_year=year,
        city=_absence(_one(connection, _city("year"), [year]), "City"),
        cohort=_absence(_one(connection, _COHORT, [year]), "DfE cohort"),
        weeks=tuple(_absence(row, row["period_name"]) for row in _all(connection, _city("week"), [year])),
        phases=tuple(_absence(row, row["phase"]) for row in _all(connection, _PHASES, [year])),
        notes=tuple(SchoolNote(**row) for row in _all(connection, _NOTES, [night])),
        candidates=tuple((row["rule"], row["description"], row["children"]) for row in _all(connection, _CANDIDATES)),
        quarantined=int(
            _one(
                connection,
                "select coalesce(sum(rows_quarantined), 0) as n from serve.fct_data_quality where night = %s",
                [night],
            )["n"]
        ),
        benchmarks={
            (row["area"], row["dfe_phase"], row["measure"]): float(row["value_pct"])
            for row in _all(connection, "select area, dfe_phase, measure, value_pct from serve.dim_benchmarks")
        },
        before=before,
    )
