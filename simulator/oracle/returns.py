"""Returns that the registers ask for, beside those that the council had."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from simulator.oracle.runs import runs

DUE_DAYS = {"new_pupil": 5, "deletion": 0, "attendance": 31, "sickness": 0}
RUN_SESSIONS = {"attendance": ("attendance_return", 20), "sickness": ("sickness", 30)}
MATCH_DAYS = 7
COLUMNS = ["person_no", "urn", "destination_urn", "removal_ground", "due_date", "returned_date", "timeliness",
           "days_late"]  # fmt: skip
EARLY_YEARS = {"N1": -2, "N2": -1, "R": 0}


def asked_for(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """One row per event that asks for a return: return_type, enrolment_no, event_date, due_date, keys of its stay."""
    stays = db.execute("select * from rolls where enrolment_status <> 'G'").df()
    stays["place"] = pd.to_numeric(stays["nc_year"].replace(EARLY_YEARS), errors="coerce")
    classes = stays.groupby("urn")["place"]
    stays["is_most_junior"] = stays["place"] == classes.transform("min")
    stays["is_most_senior"] = stays["place"] == classes.transform("max")
    year_from = pd.Timestamp(db.execute("select min(first_day) from periods").fetchall()[0][0])
    days = db.execute(
        "select urn, min(session_date) as opens, max(session_date) as closes from school_days group by all"
    )
    stays = stays.merge(days.df(), on="urn", how="left")
    entry, leaving = pd.to_datetime(stays["entry_date"]), pd.to_datetime(stays["leaving_date"])
    in_year = (year_from, pd.Timestamp(night))
    came = entry.between(*in_year) & ~(stays["is_most_junior"] & (entry <= stays["opens"]))
    left = leaving.between(*in_year) & (stays["removal_ground"].fillna("") != "l")
    left &= ~(stays["is_most_senior"] & (leaving >= stays["closes"]))
    parts = [
        stays[came].assign(return_type="new_pupil", event_date=entry, from_date=entry),
        stays[left].assign(return_type="deletion", event_date=leaving, from_date=leaving),
    ]
    for kind, (run, sessions) in RUN_SESSIONS.items():
        found = runs(db, run, sessions, is_unknown_bridged=False, is_of_age=True)
        found = found[(found["sessions"] >= sessions) & (found["first_date"] >= year_from)]
        told = found[["enrolment_no", "first_date", "reached_date"]].merge(stays, on="enrolment_no")
        parts.append(told.assign(return_type=kind, event_date=told["first_date"], from_date=told["reached_date"]))
    rows = pd.concat(parts, ignore_index=True)
    due = pd.to_timedelta(rows["return_type"].map(DUE_DAYS), unit="D")
    return rows.assign(due_date=pd.to_datetime(rows["from_date"]) + due)


def timeliness(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """The events with the nearest return of the same child, school and kind, and whether it came in time."""
    at = pd.Timestamp(night)
    asked = asked_for(db, night)
    made = db.execute(
        "select person_no, urn, return_type, event_date as told_date, returned_date from school_returns"
    ).df()
    made = made[made["returned_date"] <= at]
    keys = ["return_type", "enrolment_no", "event_date"]
    pairs = asked[[*keys, "person_no", "urn"]].merge(made, on=["person_no", "urn", "return_type"])
    pairs["apart"] = (pairs["event_date"] - pairs["told_date"]).abs().dt.days
    pairs = pairs[pairs["apart"] <= MATCH_DAYS].sort_values([*keys, "apart", "returned_date"])
    rows = asked.merge(pairs.drop_duplicates(keys)[[*keys, "returned_date"]], on=keys, how="left")
    returned, due = rows["returned_date"], rows["due_date"]
    rows["timeliness"] = np.select(
        [returned <= due, returned.notna(), due < at], ["on time", "late", "missing"], "not yet due"
    )
    rows["days_late"] = (returned.fillna(at) - due).dt.days.clip(lower=0)
    return rows
