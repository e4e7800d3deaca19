"""What a BI tool asks of ``serve``: ten clients at once, as the role that BI has."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from benchmarks.measure import Figure
from rollcall.settings import Settings

CLIENTS = 10
ROUNDS = 12
Query = tuple[str, tuple[int, ...]]
DASHBOARD = (
    "select * from serve.agg_city_absence where period_type = 'year'",
    "select * from serve.agg_phase_absence where period_type = 'term'",
    "select first_week, sessions_absent, sessions_possible from serve.agg_city_absence where period_type = 'week'",
    """
    select schools.school_name, absence.sessions_absent, absence.sessions_possible
    from serve.agg_school_absence as absence
    inner join serve.dim_schools as schools on absence.urn = schools.urn
    where absence.period_type = 'year' order by absence.sessions_absent desc limit 20
    """,
    """
    select absence_band, count(*) from serve.fct_enrolment_absence
    where period_type = 'year' group by absence_band
    """,
    "select rule_name, count(*) from serve.fct_cme_candidates group by rule_name",
)
DRILL_DOWN = """
    select session_date, session, code, category, is_absent from serve.fct_sessions
    where enrolment_id = %s order by session_date, session
"""


def measure_queries(settings: Settings, where: str) -> list[Figure]:
    """Median and 95th percentile of dashboard queries, and of one child's sessions, in milliseconds."""
    with psycopg.connect(settings.dsn("bi_reader")) as connection:
        rows = connection.execute(
            "select enrolment_id from serve.fct_enrolment_absence where period_type = 'year'"
            " order by sessions_absent desc limit 200"
        ).fetchall()
    enrolments = [row[0] for row in rows]
    asked: Sequence[Query] = [(text, ()) for text in DASHBOARD] * ROUNDS
    dashboard = _percentiles(settings, [asked] * CLIENTS)
    drills: Sequence[Sequence[Query]] = [
        [(DRILL_DOWN, (key,)) for key in enrolments[n::CLIENTS]] for n in range(CLIENTS)
    ]
    drill = _percentiles(settings, drills)
    return [
        Figure(f"BI query, {CLIENTS} at once, p50 ({where})", dashboard[0], unit="ms"),
        Figure(f"BI query, {CLIENTS} at once, p95 ({where})", dashboard[1], 200, "50 ms", unit="ms"),
        Figure(f"drill-down to a child's sessions, p50 ({where})", drill[0], unit="ms"),
        Figure(f"drill-down to a child's sessions, p95 ({where})", drill[1], 500, "100 ms", unit="ms"),
    ]


def _percentiles(settings: Settings, work: Sequence[Sequence[Query]]) -> tuple[float, float]:
    with ThreadPoolExecutor(len(work)) as pool:
        times = [value for share in pool.map(lambda queries: _ask(settings, queries), work) for value in share]
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _ask(settings: Settings, queries: Sequence[Query]) -> list[float]:
    times = []
    with psycopg.connect(settings.dsn("bi_reader")) as connection:
        connection.execute("select 1")
        for text, values in queries:
            began = time.perf_counter()
            connection.execute(text, values or None).fetchall()
            times.append(1000 * (time.perf_counter() - began))
    return times
