"""Spells of absence, and the days beside weekends and breaks."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from simulator.oracle.runs import runs

BREAK_WEEKDAYS = 3
COLUMNS = [
    "person_no", "urn", "first_date", "last_date", "sessions", "school_days", "sessions_ill", "sessions_holiday",
    "sessions_pending", "sessions_other_unauthorised", "sessions_other_authorised", "sessions_bridged",
    "sessions_unknown", "gap_sessions", "begins_after_weekend", "ends_before_weekend", "begins_after_break",
    "ends_before_break", "is_open",
]  # fmt: skip


def days_beside(school_days: pd.DataFrame) -> pd.DataFrame:
    """urn, session_date, ordinal, and of each day whether a weekend or a break lies just before or just after it.

    A break is a gap with three or more weekdays without school, a weekend any shorter gap; the calendar begins after
    and ends before a break.
    """
    days = school_days.sort_values(["urn", "ordinal"]).reset_index(drop=True)
    day = pd.to_datetime(days["session_date"])
    for name, other in (("before", day.groupby(days["urn"]).shift(1)), ("after", day.groupby(days["urn"]).shift(-1))):
        earlier, later = (other, day) if name == "before" else (day, other)
        known = other.notna()
        start = (earlier.where(known, day) + pd.Timedelta(days=1)).to_numpy().astype("datetime64[D]")
        end = later.where(known, day).to_numpy().astype("datetime64[D]")
        weekdays = np.where(known, np.busday_count(start, np.maximum(start, end)), BREAK_WEEKDAYS)
        gap = np.where(known, (end - start).astype(int), BREAK_WEEKDAYS)
        days[f"is_break_{name}"] = weekdays >= BREAK_WEEKDAYS
        days[f"is_weekend_{name}"] = (gap >= 1) & (weekdays < BREAK_WEEKDAYS)
    return days


def spells(db: duckdb.DuckDBPyConnection) -> tuple[str, list[str], list[str], pd.DataFrame]:
    """One row per enrolment and spell of absence of the academic year to date."""
    rows = runs(db, "spell").sort_values(["enrolment_no", "first_place"])
    by_enrolment = rows.groupby("enrolment_no")
    rows["spell_no"] = by_enrolment.cumcount() + 1
    rows["gap_sessions"] = rows["first_place"] - by_enrolment["last_place"].shift(1) - 1
    days = days_beside(db.execute("select urn, session_date, ordinal from school_days").df())
    begins = days.set_axis(
        ["urn", "first_date", "first_day", "begins_after_break", "begins_after_weekend", "b", "c"], axis=1
    )
    ends = days.set_axis(["urn", "last_date", "last_day", "d", "e", "ends_before_break", "ends_before_weekend"], axis=1)
    rows = rows.merge(begins.drop(columns=["b", "c"]), on=["urn", "first_date"])
    rows = rows.merge(ends.drop(columns=["d", "e"]), on=["urn", "last_date"])
    unauthorised = rows["sessions_g"] + rows["sessions_n"] + rows["sessions_o"] + rows["sessions_u"]
    rows = rows.assign(
        school_days=rows["last_day"] - rows["first_day"] + 1,
        sessions_holiday=rows["sessions_g"], sessions_pending=rows["sessions_n"],
        sessions_other_unauthorised=rows["sessions_o"] + rows["sessions_u"],
        sessions_other_authorised=rows["sessions"] - unauthorised - rows["sessions_ill"],
    )  # fmt: skip
    return "fct_absence_spells", ["enrolment_no", "spell_no"], COLUMNS, rows
