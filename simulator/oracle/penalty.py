"""The penalty threshold: ten sessions of G, N, O, U in ten school weeks, by child over all its schools."""

from __future__ import annotations

import duckdb
import pandas as pd

from simulator.oracle.ages import is_compulsory
from simulator.oracle.codes import UNAUTHORISED, sql_list

SESSIONS, WEEKS = 10, 10
COLUMNS = [
    "urn", "first_met_week", "last_met_week", "reached_date", "window_first_week", "first_date", "last_date",
    "sessions", "most_sessions", "sessions_g", "sessions_n", "sessions_o", "sessions_u", "sessions_without_pending",
    "sessions_unknown", "is_across_schools", "is_provisional", "is_age_known", "is_open",
]  # fmt: skip


def child_sessions(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Each child's half days of G, N, O, U at compulsory age, each once: of two marks the one that is not N, then the
    lesser code, then the lesser enrolment.
    """
    rows = db.execute(
        f"""select r.person_no, k.session_date, k.half, k.code, r.urn, r.enrolment_no, r.date_of_birth
        from known k join rolls r using (enrolment_no) where k.code in ({sql_list(UNAUTHORISED)})
            and r.person_no in (select person_no from weeks join rolls using (enrolment_no)
                group by 1 having sum(sessions_unauthorised) >= {SESSIONS})"""
    ).df()
    rows = rows[is_compulsory(rows["date_of_birth"], rows["session_date"])]
    rows = rows.assign(is_pending=rows["code"] == "N")
    rows = rows.sort_values(["person_no", "session_date", "half", "is_pending", "code", "enrolment_no"])
    rows = rows.drop_duplicates(["person_no", "session_date", "half"])
    day = rows["session_date"]
    return rows.assign(week=day - pd.to_timedelta(day.dt.weekday, unit="D"))


def school_weeks(db: duckdb.DuckDBPyConnection, sessions: pd.DataFrame, night: str) -> pd.DataFrame:
    """person_no, week, week_no, sessions, sessions_unknown: the child's numbered school weeks."""
    db.register("counted", sessions[["person_no", "week", "session_date", "half"]])
    return db.execute(
        """with open_weeks as (
            select urn, date_trunc('week', session_date)::timestamp as week, min(session_date) as first,
                max(session_date) as last
            from school_days where session_date <= $night::date group by all),
        own as (
            select distinct r.person_no, o.week from rolls r join open_weeks o on o.urn = r.urn
                and o.first <= coalesce(r.leaving_date, date '9999-12-31') and o.last >= r.entry_date
            where r.person_no in (select person_no from counted)
            union select person_no, week::timestamp from counted),
        held as (select person_no, week::timestamp as week, count(*) as sessions from counted group by all),
        silent as (select person_no, week::timestamp as week, sum(sessions_unknown) as sessions_unknown
            from weeks join rolls using (enrolment_no) group by all)
        select person_no, week, row_number() over (partition by person_no order by week) as week_no,
            coalesce(sessions, 0)::bigint as sessions, coalesce(sessions_unknown, 0)::bigint as sessions_unknown
        from own left join held using (person_no, week) left join silent using (person_no, week)
        order by person_no, week""",
        {"night": night},
    ).df()


def penalty_threshold(
    db: duckdb.DuckDBPyConnection, night: str, year_from: pd.Timestamp
) -> tuple[str, list[str], list[str], pd.DataFrame]:
    """One row per child and episode in which the threshold was met; the evidence is that of its last window."""
    sessions = child_sessions(db)
    weeks = school_weeks(db, sessions, night)
    by_child = weeks.groupby("person_no")
    for name in ("sessions", "sessions_unknown"):
        total = by_child[name].cumsum()
        weeks[f"window_{name}"] = total - total.groupby(weeks["person_no"]).shift(WEEKS).fillna(0)
    weeks["last_week_no"] = by_child["week_no"].transform("max")
    met = weeks[weeks["window_sessions"] >= SESSIONS].copy()
    met["episode"] = met["week_no"] - met.groupby("person_no").cumcount()
    grouped = met.groupby(["person_no", "episode"])
    rows = grouped.agg(
        first_met_week=("week", "min"), last_met_week=("week", "max"), first_no=("week_no", "min"),
        last_no=("week_no", "max"), most_sessions=("window_sessions", "max"),
        sessions_unknown=("window_sessions_unknown", "last"), latest=("last_week_no", "last"),
    ).reset_index()  # fmt: skip
    rows = rows[rows["last_met_week"] + pd.Timedelta(days=6) >= year_from].sort_values(["person_no", "first_no"])
    rows["episode_no"] = rows.groupby("person_no").cumcount() + 1
    numbered = sessions.merge(weeks[["person_no", "week", "week_no"]], on=["person_no", "week"])
    numbered = numbered.sort_values(["person_no", "session_date", "half"])
    keys = ["person_no", "episode_no"]
    inside = numbered.merge(rows[[*keys, "first_no", "last_no"]], on="person_no")
    first = inside[inside["week_no"].between(inside["first_no"] - WEEKS + 1, inside["first_no"])]
    tenth = first[first.groupby(keys).cumcount() == SESSIONS - 1][[*keys, "session_date"]]
    last = inside[inside["week_no"].between(inside["last_no"] - WEEKS + 1, inside["last_no"])]
    evidence = last.groupby(keys).agg(
        urn=("urn", "last"), first_date=("session_date", "min"), last_date=("session_date", "max"),
        sessions=("code", "size"), sessions_n=("is_pending", "sum"), schools=("urn", "nunique"),
    )  # fmt: skip
    for code in ("G", "O", "U"):
        evidence[f"sessions_{code.lower()}"] = (last["code"] == code).groupby([last[key] for key in keys]).sum()
    rows = rows.merge(evidence.reset_index(), on=keys).merge(
        tenth.rename(columns={"session_date": "reached_date"}), on=keys
    )
    rows["window_no"] = (rows["last_no"] - WEEKS + 1).clip(lower=1)
    begins = weeks[["person_no", "week_no", "week"]].set_axis(["person_no", "window_no", "window_first_week"], axis=1)
    rows = rows.merge(begins, on=["person_no", "window_no"])
    on_roll = set(db.execute("select distinct person_no from rolls where is_on_roll").df()["person_no"])
    without = rows["sessions"] - rows["sessions_n"]
    rows = rows.assign(
        sessions_without_pending=without, is_across_schools=rows["schools"] > 1, is_provisional=without < SESSIONS,
        is_age_known=True, is_open=rows["person_no"].isin(on_roll) & (rows["last_no"] == rows["latest"]),
    )  # fmt: skip
    return "fct_penalty_threshold", keys, COLUMNS, rows
