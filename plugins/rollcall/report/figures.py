"""Absence counts that several parts of the city report share: city, phases and weeks, and the published figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rollcall.report.reading import Published, Reader, Row

PHASES: Final = ("Primary", "Secondary", "Special", "Alternative provision", "Nursery", "Independent")
STATISTICS: Final = ("Primary", "Secondary", "Special")
"""The phases of DfE's statistics: their children aged 5 to 15 are its cohort."""
AREAS: Final = ("Derby", "East Midlands", "England")


@dataclass(frozen=True)
class Absence:
    """Counts of one area and period: sessions and enrolments of everyone, those of DfE's cohort, schools."""

    name: str
    first_week: date | None
    sessions_expected: int
    sessions_known: int
    sessions_possible: int
    sessions_absent: int
    sessions_authorised: int
    sessions_unauthorised: int
    enrolments: int
    persistent: int
    severe: int
    cohort: int
    cohort_persistent: int
    cohort_severe: int
    cohort_possible: int
    cohort_absent: int
    schools_in: int
    schools_expected: int
    schools_settled: int

    @property
    def rate(self) -> float:
        """Absent sessions, % of possible, of everyone on roll; nought where nothing was possible."""
        return 100 * self.sessions_absent / self.sessions_possible if self.sessions_possible else 0.0


@dataclass(frozen=True)
class CityFigures:
    """The city and its phases, year to date and by week."""

    published: Published
    city: Absence
    statistics: Absence
    phases: dict[str, Absence]
    weeks: tuple[Absence, ...]
    phase_weeks: dict[str, tuple[Absence, ...]]
    weeks_last_year: tuple[Absence, ...]
    benchmarks: dict[tuple[str, str, str], Decimal]
    benchmark_sources: dict[str, str]


_COLUMNS: Final = """
    first_week, sessions_expected, sessions_known, sessions_possible, sessions_absent, sessions_authorised,
    sessions_unauthorised, enrolments, enrolments_persistently_absent as persistent,
    enrolments_severely_absent as severe, dfe_enrolments as cohort,
    dfe_enrolments_persistently_absent as cohort_persistent, dfe_enrolments_severely_absent as cohort_severe,
    dfe_sessions_possible as cohort_possible, dfe_sessions_absent as cohort_absent, schools_in, schools_expected,
    schools_settled
"""
_CITY: Final = f"""
    select period_name as name, {_COLUMNS} from serve.agg_city_absence
    where academic_year = %(of_year)s and period_type = %(period)s order by first_week
"""
_PHASE: Final = f"""
    select dfe_phase as name, {_COLUMNS} from serve.agg_phase_absence
    where academic_year = %(year)s and period_type = %(period)s order by first_week
"""
PUBLISHED: Final = """
    select distinct on (area, dfe_phase, measure) area, dfe_phase, measure, value_pct, source
    from serve.dim_dfe_benchmarks
    where academic_year <= %(year)s
    order by area, dfe_phase, measure, academic_year desc
"""
"""What DfE published of each area, phase and measure: of the newest year that is this one or before it."""
_LAST_YEAR: Final = """
    select max(academic_year) as name from serve.agg_city_absence where academic_year < %(year)s
"""


def read_figures(reader: Reader) -> CityFigures:
    """Read what the parts share."""
    year = reader.published.academic_year
    phases = {row["name"]: _absence(row) for row in reader.rows(_PHASE, period="year")}
    last_year = reader.rows(_LAST_YEAR)[0]["name"]
    published = reader.rows(PUBLISHED)
    return CityFigures(
        published=reader.published,
        city=_absence(reader.rows(_CITY, of_year=year, period="year")[0]),
        statistics=total_of([phases[name] for name in STATISTICS if name in phases]),
        phases={name: phases[name] for name in PHASES if name in phases},
        weeks=_weeks(reader.rows(_CITY, of_year=year, period="week")),
        phase_weeks=_by_phase(reader.rows(_PHASE, period="week")),
        weeks_last_year=_weeks(reader.rows(_CITY, of_year=last_year, period="week")) if last_year else (),
        benchmarks={(row["area"], row["dfe_phase"], row["measure"]): Decimal(row["value_pct"]) for row in published},
        benchmark_sources={row["measure"]: row["source"] for row in published},
    )


def total_of(parts: list[Absence]) -> Absence:
    """Several areas summed."""
    sums = {
        name: sum(getattr(part, name) for part in parts)
        for name in Absence.__dataclass_fields__
        if name not in ("name", "first_week")
    }
    return Absence(name="Total", first_week=None, **sums)


def _weeks(rows: list[Row]) -> tuple[Absence, ...]:
    return tuple(_absence(row) for row in rows if row["sessions_possible"] and row["first_week"])


def _by_phase(rows: list[Row]) -> dict[str, tuple[Absence, ...]]:
    names = {row["name"] for row in rows}
    return {name: _weeks([row for row in rows if row["name"] == name]) for name in names}


def _absence(row: Row) -> Absence:
    whole = {name: int(row[name] or 0) for name in Absence.__dataclass_fields__ if name not in ("name", "first_week")}
    return Absence(name=str(row["name"]), first_week=row["first_week"], **whole)
