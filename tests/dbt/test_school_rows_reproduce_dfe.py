"""The aggregates, run over DfE's real school rows, must give the rates that DfE published for Derby.

The school rows and the authority's rates come from two publications. Severe absence is not published by school, so the
pooling of that measure, like the flags of single enrolments, rests on the simulated city alone.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd
import psycopg
import pytest

from tests.tiny_city import TinyCity

DATA: Final = Path(__file__).resolve().parents[1] / "data/dfe_published"
SCHOOLS: Final = 94
RATES: Final = {
    "overall": ("sessions_absent", "sessions_possible"),
    "authorised": ("sessions_authorised", "sessions_possible"),
    "unauthorised": ("sessions_unauthorised", "sessions_possible"),
    "persistent": ("enrolments_persistently_absent", "enrolments"),
}
COUNTS: Final = (
    "enrolments", "sessions_possible", "sessions_absent", "sessions_authorised", "sessions_unauthorised",
    "enrolments_persistently_absent",
)  # fmt: skip


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    """DfE's school rows of 2018/19."""
    table = pd.read_csv(DATA / "derby_schools_2018-19.csv", dtype=str)
    assert len(table) == SCHOOLS
    return table


@pytest.fixture(scope="module")
def rates(tiny_city: TinyCity, schools: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Phase or Total -> the row of the real models, compiled for the tiny city, over the real school rows."""
    with psycopg.connect(tiny_city.admin_dsn) as connection:
        connection.execute("create temp table periods (like intermediate.int_school_periods)")
        for row in schools.to_dict("records"):
            values = [int(row[name]) for name in COUNTS]
            columns = ", ".join(COUNTS)
            connection.execute(
                f"insert into periods (urn, dfe_phase, academic_year, period_type, period_name, {columns})"
                " values (%s, %s, '2018/19', 'year', 'full year', %s, %s, %s, %s, %s, %s)",
                [int(row["urn"]), row["phase"], *values],
            )
        by_phase = _run(connection, compiled(tiny_city, "agg_phase_absence"))
        city = _run(connection, compiled(tiny_city, "agg_city_absence"))
    return {row["dfe_phase"]: row for row in by_phase} | {"Total": city[0]}


def compiled(city: TinyCity, model: str) -> str:
    """A model's own SQL, with the school rows in the place of those that it reads."""
    folder = city.settings.home / "dbt" / "target" / "compiled"
    (path,) = folder.rglob(f"models/**/{model}.sql")
    text = path.read_text(encoding="utf-8")
    assert '"intermediate"."int_school_periods"' in text
    return text.replace('"rollcall"."intermediate"."int_school_periods"', "pg_temp.periods")


def _run(connection: psycopg.Connection[Any], query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column.name for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def to_two_places(value: Decimal) -> Decimal:
    """A share as DfE prints it: per cent, two places, half up."""
    return (100 * value).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize("measure", RATES)
@pytest.mark.parametrize("phase", ["Primary", "Secondary", "Special", "Total"])
def test_the_pooled_rates_are_those_that_dfe_published(rates: dict[str, dict[str, Any]], phase: str, measure: str):
    published = pd.read_csv(DATA / "derby_lait_2018-19.csv", dtype=str)
    row = published[(published["phase"] == phase) & (published["measure"] == measure)]
    if row.empty:
        assert (phase, measure) in {("Total", "authorised"), ("Total", "unauthorised")}, "published but not in the file"
        return
    found = rates[phase]
    column = {"overall": "absence_rate"}.get(measure, f"{measure}_rate")
    assert to_two_places(found[column]) == Decimal(row["value_pct"].iloc[0])


def test_each_schools_own_rates_are_dfes(schools: pd.DataFrame):
    """DfE prints five places by school; whole numbers over whole numbers give them exactly."""
    for row in schools.to_dict("records"):
        for published, (absent, possible) in (
            ("overall_absence_pct", RATES["overall"]),
            ("persistent_pct", RATES["persistent"]),
        ):
            exact = 100 * Decimal(row[absent]) / Decimal(row[possible])
            assert exact.quantize(Decimal("0.00001"), ROUND_HALF_UP) == Decimal(row[published]), row["urn"]
