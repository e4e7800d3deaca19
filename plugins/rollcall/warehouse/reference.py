"""Bring the city folder into schema ``city``: schools, declared sessions with their ordinals, and periods."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Final

import pyarrow as pa
from psycopg import sql

from rollcall.city import City
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.copy import copy_table

_SCHOOL_TEXTS: Final = (
    "laestab", "name", "type", "type_group", "phase", "trust", "ward_code", "ward_name", "connector", "link_officer",
    "sold_services",
)  # fmt: skip


def load_reference(connection: Connection, city: City) -> None:
    """Make schema ``city`` equal to the folder, in the connection's transaction. Repeating it changes nothing."""
    # delete, not truncate: readers of the old content are not blocked
    connection.execute("delete from city.school; delete from city.school_session; delete from city.period")
    schools = list(city.schools.values())
    table = {"urn": pa.array([school.urn for school in schools], pa.int32())}
    table |= {
        name: pa.array([getattr(school, name) or None for school in schools], pa.string()) for name in _SCHOOL_TEXTS
    }
    table["is_independent"] = pa.array([school.is_independent for school in schools])
    table["is_synthetic"] = pa.array([city.is_synthetic] * len(schools))
    table["open_date"] = pa.array([school.open_date for school in schools], pa.date32())
    table["close_date"] = pa.array([school.close_date for school in schools], pa.date32())
    copy_table(connection, sql.Identifier("city", "school"), pa.table(table))
    copy_table(connection, sql.Identifier("city", "school_session"), _sessions(city))
    columns = ("academic_year", "period_type", "name")
    periods = {
        "period_name" if name == "name" else name: pa.array([getattr(item, name) for item in city.periods])
        for name in columns
    }
    periods["first_day"] = pa.array([item.first_day for item in city.periods], pa.date32())
    periods["last_day"] = pa.array([item.last_day for item in city.periods], pa.date32())
    copy_table(connection, sql.Identifier("city", "period"), pa.table(periods))


def _sessions(city: City) -> pa.Table:
    urns: list[int] = []
    days: list[date] = []
    halves: list[int] = []
    numbers: list[int] = []
    years: list[str] = []
    for urn in sorted(city.schools):
        sessions = list(product(city.school_days(urn), (1, 2)))
        urns += [urn] * len(sessions)
        days += [day for day, _ in sessions]
        halves += [half for _, half in sessions]
        numbers += range(1, len(sessions) + 1)
        years += [city.academic_year_of(day).academic_year for day, _ in sessions]
    return pa.table(
        {
            "urn": pa.array(urns, pa.int32()),
            "session_date": pa.array(days, pa.date32()),
            "half": pa.array(halves, pa.int16()),
            "session_no": pa.array(numbers, pa.int32()),
            "academic_year": pa.array(years, pa.string()),
        }
    )
