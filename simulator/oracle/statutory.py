"""Thresholds and returns of the law: continuous absence, sickness, reasons overdue."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pandas as pd

from simulator.oracle import amendments, patterns, returns
from simulator.oracle.ages import is_compulsory
from simulator.oracle.codes import PENDING
from simulator.oracle.penalty import penalty_threshold
from simulator.oracle.runs import calendar_sessions, runs
from simulator.oracle.spells import spells

RETURN_DAYS, DELETION_DAYS, SICKNESS_DAYS, FORECAST_DAYS, REASON_DAYS = 10, 20, 15, 5, 5
CONTINUOUS = [
    "person_no", "urn", "first_date", "reached_date", "last_date", "sessions", "school_days", "sessions_g",
    "sessions_n", "sessions_o", "sessions_u", "sessions_bridged", "sessions_unknown", "is_provisional",
    "rests_on_unknown", "is_compulsory_age", "is_open",
]  # fmt: skip
SICKNESS = [
    "person_no", "urn", "grounds", "reached_date", "last_date", "sessions", "school_days", "year_sessions_ill",
    "sessions_possible", "sessions_ahead", "sessions_bridged", "sessions_unknown", "year_sessions_unknown", "is_open",
]  # fmt: skip
Mart = tuple[str, list[str], list[str], pd.DataFrame]


def continuous_absence(db: duckdb.DuckDBPyConnection, year_from: pd.Timestamp) -> pd.DataFrame:
    """One row per run that reached ten days of G, N, O, U, or twenty of G, N, O."""
    parts = []
    for kind, days in (("attendance_return", RETURN_DAYS), ("deletion_ground", DELETION_DAYS)):
        rows = runs(db, kind, 2 * days)
        rows = rows[rows["sessions"] >= 2 * days]
        rows = rows[(rows["last_date"] >= year_from) & is_compulsory(rows["date_of_birth"], rows["reached_date"])]
        rows = rows.sort_values(["enrolment_no", "first_place"])
        parts.append(rows.assign(kind=kind, episode_no=rows.groupby("enrolment_no").cumcount() + 1))
    rows = pd.concat(parts)
    return rows.assign(
        is_provisional=rows["sessions_n"] > 0, rests_on_unknown=rows["sessions_unknown"] > 0, is_compulsory_age=True
    )


def sickness(db: duckdb.DuckDBPyConnection, night: str, year_from: pd.Timestamp) -> pd.DataFrame:
    """One row per period of illness for which a return is due, or expected at the child's own pace."""
    needed = 2 * SICKNESS_DAYS
    rows = runs(db, "sickness", needed)
    rows = rows[rows["last_date"] >= year_from].sort_values(["enrolment_no", "first_place"])
    rows["year_sessions_ill"] = rows.groupby("enrolment_no")["sessions"].cumsum()
    before = rows["year_sessions_ill"] - rows["sessions"]
    facts = db.execute(
        """with ahead as (
            select r.enrolment_no, 2 * count(*)::bigint as sessions_ahead from rolls r
            join school_days d on d.urn = r.urn and d.session_date > $night::date
                and d.session_date <= coalesce(r.leaving_date, date '9999-12-31')
            where d.session_date <= (select max(last_day)::date from periods) group by all),
        counted as (
            select enrolment_no, sum(sessions_possible)::bigint as sessions_possible,
                sum(sessions_unknown)::bigint as year_sessions_unknown from weeks group by all)
        select counted.*, coalesce(sessions_ahead, 0) as sessions_ahead
        from counted left join ahead using (enrolment_no)""", {"night": night}).df()  # fmt: skip
    rows = rows.merge(facts, on="enrolment_no", how="left").set_index(rows.index)
    year_day = db.execute(
        f"""select enrolment_no, session_date as year_date from (select enrolment_no, session_date, row_number()
            over (partition by enrolment_no order by place) as nth from on_calendar where code = 'I')
            where nth = {needed}"""
    ).df()
    rows = rows.merge(year_day, on="enrolment_no", how="left").set_index(rows.index)
    alone = rows["sessions"] >= needed
    in_all = ~alone & (before < needed) & (rows["year_sessions_ill"] >= needed)
    ill, possible = rows["year_sessions_ill"], rows["sessions_possible"]
    pace = ill * (possible + rows["sessions_ahead"]) >= needed * possible
    coming = ~alone & ~in_all & (ill < needed) & rows["is_open"] & (rows["sessions"] >= 2 * FORECAST_DAYS) & pace
    rows["grounds"] = pd.Series(None, index=rows.index, dtype=object)
    rows.loc[alone, "grounds"], rows.loc[in_all, "grounds"], rows.loc[coming, "grounds"] = (
        "consecutive", "cumulative", "expected",
    )  # fmt: skip
    rows["reached_date"] = rows["reached_date"].where(~in_all, rows["year_date"]).where(~coming)
    return rows[rows["grounds"].notna() & is_compulsory(rows["date_of_birth"], rows["last_date"])]


def overdue(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """One row per session still without a reason more than five school days later."""
    return db.execute(
        f"""with days as (select urn, session_date from school_days where session_date <= $night::date),
        open as (
            select k.enrolment_no, k.session_date, case k.half when 1 then 'AM' else 'PM' end as session, r.person_no,
                r.urn, k.code, r.is_on_roll from known k join rolls r using (enrolment_no) where k.code = '{PENDING}'),
        aged as (
            select o.urn, o.session_date, count(d.session_date) as age_school_days
            from (select distinct urn, session_date from open) o
            left join days d on d.urn = o.urn and d.session_date > o.session_date group by all)
        select open.*, age_school_days, age_school_days - {REASON_DAYS} as school_days_overdue
        from open join aged using (urn, session_date) where age_school_days > {REASON_DAYS}""",
        {"night": night},
    ).df()


def marts(db: duckdb.DuckDBPyConnection, night: str, amended: pd.DataFrame) -> Iterator[Mart]:
    """mart, keys, columns and rows of every statutory mart, of the spells and of the patterns; `amended` are the
    amendments.
    """
    year_from = pd.Timestamp(db.execute("select min(first_day) from periods").fetchall()[0][0])
    calendar_sessions(db, night)
    yield ("fct_continuous_absence", ["kind", "enrolment_no", "episode_no"], CONTINUOUS,
           continuous_absence(db, year_from))  # fmt: skip
    yield "fct_sickness_returns", ["enrolment_no", "first_date"], SICKNESS, sickness(db, night, year_from)
    columns = ["person_no", "urn", "code", "age_school_days", "school_days_overdue", "is_on_roll"]
    late = overdue(db, night)
    yield "fct_unexplained_overdue", ["enrolment_no", "session_date", "session"], columns, late
    yield from amendments.marts(amended, late)
    keys = ["return_type", "enrolment_no", "event_date"]
    yield "fct_return_timeliness", keys, returns.COLUMNS, returns.timeliness(db, night)
    yield penalty_threshold(db, night, year_from)
    told = spells(db)
    yield told
    yield from patterns.marts(db, told[3])
