"""What the city report shows, read as ``bi_reader`` from the views of ``serve``: every number on the page is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg.rows import dict_row

from rollcall.warehouse.connect import Connection

Row = dict[str, Any]
PHASES: Final = ("Primary", "Secondary", "Special", "Alternative provision", "Nursery", "Independent")


@dataclass(frozen=True)
class Absence:
    """Counts of one area and period: sessions of everyone, enrolments and sessions of DfE's cohort, schools."""

    name: str
    first_week: date | None
    sessions_expected: int
    sessions_known: int
    sessions_possible: int
    sessions_absent: int
    sessions_authorised: int
    sessions_unauthorised: int
    enrolments: int
    schools_in: int
    schools_expected: int
    cohort: int
    cohort_persistent: int
    cohort_severe: int
    cohort_possible: int
    cohort_absent: int

    @property
    def rate(self) -> float | None:
        """Absent sessions, % of possible, of everyone on roll."""
        return 100 * self.sessions_absent / self.sessions_possible if self.sessions_possible else None

    @property
    def coverage(self) -> float:
        """Known sessions, % of expected."""
        return 100 * self.sessions_known / self.sessions_expected if self.sessions_expected else 0.0


@dataclass(frozen=True)
class SchoolNote:
    """A school that is not, or not wholly, in the figures of the night, and why."""

    school: str
    phase: str
    status: str
    reason: str
    last_register: date | None


@dataclass(frozen=True)
class CityFigures:
    """Everything on the page."""

    night: date
    known_at: datetime
    code_version: str
    academic_year: str
    city: Absence
    statistics: Absence
    weeks: tuple[Absence, ...]
    phases: tuple[Absence, ...]
    notes: tuple[SchoolNote, ...]
    candidates: tuple[tuple[str, int], ...]
    children_looked_for: int
    set_aside: tuple[tuple[str, int, str], ...]
    benchmarks: dict[tuple[str, str, str], float]


_SUMS: Final = """
    sum(sessions_expected) as sessions_expected, sum(sessions_known) as sessions_known,
    sum(sessions_possible) as sessions_possible, sum(sessions_absent) as sessions_absent,
    sum(sessions_authorised) as sessions_authorised, sum(sessions_unauthorised) as sessions_unauthorised,
    sum(enrolments) as enrolments, sum(schools_in) as schools_in, sum(schools_expected) as schools_expected,
    sum(dfe_enrolments) as cohort, sum(dfe_enrolments_persistently_absent) as cohort_persistent,
    sum(dfe_enrolments_severely_absent) as cohort_severe, sum(dfe_sessions_possible) as cohort_possible,
    sum(dfe_sessions_absent) as cohort_absent, min(first_week) as first_week
"""
_CITY: Final = f"""
    select period_name as name, {_SUMS} from serve.agg_city_absence
    where academic_year = %s and period_type = %s group by period_name order by min(first_week)
"""
_PHASE: Final = f"""
    select dfe_phase as name, {_SUMS} from serve.agg_phase_absence
    where academic_year = %s and period_type = 'year' group by dfe_phase
"""
_NOTES: Final = """
    select
        schools.school_name as school, coalesce(schools.dfe_phase, schools.phase) as phase, quality.status,
        coalesce(quality.reason, '') as reason,
        (
            select max(earlier.night) from serve.fct_data_quality as earlier
            where earlier.urn = quality.urn and earlier.status = 'in'
        ) as last_register
    from serve.fct_data_quality as quality
    inner join serve.dim_schools as schools on quality.urn = schools.urn
    where quality.night = %s and quality.status <> 'in'
    order by 2, 1
"""
_SET_ASIDE: Final = """
    select schools.school_name as school, quality.rows_refused as rows, quality.rules_broken as rules
    from serve.fct_data_quality as quality
    inner join serve.dim_schools as schools on quality.urn = schools.urn
    where quality.night = %s and quality.rows_refused > 0 and quality.status in ('in', 'late')
    order by 2 desc
"""
_CANDIDATES: Final = """
    select rule_name as rule, count(distinct person_id) as children
    from serve.fct_cme_candidates where is_candidate or is_on_roll_not_started
    group by rule_name order by rule_name
"""

_LOOKED_FOR: Final = """
    select count(distinct person_id) as children from serve.fct_cme_candidates
    where is_candidate or is_on_roll_not_started
"""


def read_figures(connection: Connection) -> CityFigures:
    """Read the whole page from the published set."""
    published = _all(connection, "select night, known_at, code_version from serve.publication")[0]
    night = published["night"]
    year = _all(connection, "select academic_year from serve.dim_dates where calendar_date = %s", night)[0][
        "academic_year"
    ]
    phases = {row["name"]: _absence(row) for row in _all(connection, _PHASE, year)}
    return CityFigures(
        night=night,
        known_at=published["known_at"],
        code_version=published["code_version"],
        academic_year=year,
        city=_absence(_all(connection, _CITY, year, "year")[0]),
        statistics=_statistics(phases),
        weeks=tuple(_absence(row) for row in _all(connection, _CITY, year, "week")),
        phases=tuple(phases[name] for name in PHASES if name in phases),
        notes=tuple(SchoolNote(**row) for row in _all(connection, _NOTES, night)),
        candidates=tuple((row["rule"], row["children"]) for row in _all(connection, _CANDIDATES)),
        children_looked_for=int(_all(connection, _LOOKED_FOR)[0]["children"]),
        set_aside=tuple((row["school"], row["rows"], str(row["rules"])) for row in _all(connection, _SET_ASIDE, night)),
        benchmarks={
            (row["area"], row["dfe_phase"], row["measure"]): float(row["value_pct"])
            for row in _all(connection, "select area, dfe_phase, measure, value_pct from serve.dim_dfe_benchmarks")
        },
    )


def _statistics(phases: dict[str, Absence]) -> Absence:
    """DfE's cohort over the three phases of its daily statistics, summed."""
    parts = [phases[name] for name in ("Primary", "Secondary", "Special") if name in phases]
    sums = {
        name: sum(getattr(part, name) for part in parts)
        for name in Absence.__dataclass_fields__
        if name not in ("name", "first_week")
    }
    return Absence(name="Total", first_week=None, **sums)


def _absence(row: Row) -> Absence:
    whole = {name: int(row[name] or 0) for name in Absence.__dataclass_fields__ if name not in ("name", "first_week")}
    return Absence(name=str(row["name"]), first_week=row["first_week"], **whole)


def _all(connection: Connection, statement: str, *values: Any) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, list(values)).fetchall()
