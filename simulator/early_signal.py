"""What the early signal is fitted and scored on: every child as known on several evenings, and how its year ended.

The features are those of the mart `fct_early_signal`, computed here a second time from the truth, with no code of the
product.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.truth.store import connect, marks_sql

EVENINGS = ("2025-10-17", "2025-12-12", "2026-01-30", "2026-03-20", "2026-05-15")
YEAR_END = "2026-07-10"
RECENT_DAYS = 42
LEAST_POSSIBLE = 60
ABSENT = "('I','M','R','S','T','E','C','C1','C2','J1','G','N','O','U')"
UNAUTHORISED = "('G','N','O','U')"
ATTENDED = "('/','\\','L','B','P','V','W','K')"
GROUPS = ("sex", "fsm", "sen", "ethnicity")

# Feature, and the least value of each band. A rate so far says more the less of the year is ahead, so it is three
# features, of which a child has one: 60 per cent or more of its year ahead, 30 to 59, less.
STAGES = {"rate_much_ahead": (60, 100), "rate_half_ahead": (30, 59), "rate_little_ahead": (0, 29)}
RATES = (0, 20, 40, 50, 60, 70, 80, 90)
BANDS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(STAGES, RATES),
    "recent_rate": (0, 1, 50, 100, 150),
    "absent_weeks": (0, 10, 20, 30, 40),
    "unauthorised_share": (0, 25, 50),
}


@dataclass(frozen=True)
class Examples:
    """One row per child and evening: `values` (features by BANDS' order), `outcome`, and what they are told apart by."""

    rows: pd.DataFrame
    values: np.ndarray
    outcome: np.ndarray


def load_examples(folder: Path) -> Examples:
    """Every example of every evening, ordered by evening and child."""
    ends = totals(folder, YEAR_END)
    ended = 10 * ends["absent"] >= ends["possible"]
    persistent = pd.Series(ended.to_numpy() & (ends["possible"] > 0).to_numpy(), index=ends["person_no"])
    parts = []
    for evening in EVENINGS:
        part = scored(totals(folder, evening)).copy()
        part["evening"] = evening
        part["outcome"] = persistent.reindex(part["person_no"]).fillna(value=False).to_numpy(dtype=bool)
        parts.append(part)
    persons = pd.read_parquet(folder / "persons.parquet")[["person_no", *GROUPS]]
    rows = pd.concat(parts, ignore_index=True).merge(persons, on="person_no", validate="many_to_one")
    rows = rows.sort_values(["evening", "person_no"], ignore_index=True)
    values = np.column_stack([feature_of(rows, name) for name in BANDS])
    return Examples(rows, values, rows["outcome"].to_numpy())


def feature_of(rows: pd.DataFrame, name: str) -> np.ndarray:
    """One feature in whole numbers, rounded down; nothing to divide by gives 0, and -1 says that it does not apply."""
    column = {key: rows[key].to_numpy(dtype=np.int64) for key in ("possible", "absent", "unauthorised", "ahead", "weeks",
              "absent_weeks", "recent_possible", "recent_absent")}  # fmt: skip
    if name in STAGES:
        least, most = STAGES[name]
        share_ahead = 100 * column["ahead"] // (column["possible"] + column["ahead"])
        rate = 1000 * column["absent"] // column["possible"]
        return np.where((share_ahead >= least) & (share_ahead <= most), rate, -1)
    match name:
        case "recent_rate":
            return 1000 * column["recent_absent"] // np.maximum(column["recent_possible"], 1)
        case "absent_weeks":
            return 100 * column["absent_weeks"] // np.maximum(column["weeks"], 1)
        case _:
            return 100 * column["unauthorised"] // np.maximum(column["absent"], 1)


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `totals`, the children who get a signal: on a roll, sessions enough, not persistent so far, a year ahead."""
    return rows[
        rows["on_roll"]
        & (rows["possible"] >= LEAST_POSSIBLE)
        & (10 * rows["absent"] < rows["possible"])
        & (rows["ahead"] > 0)
    ]


def totals(folder: Path, evening: str, days: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per child with a known session by `evening`: its sums, the school it is at, and the sessions ahead, on the
    school days of the truth up to the year's end or on those of `days` (urn, session_date).
    """
    if days is None:
        days = pd.read_parquet(folder / "school_days.parquet")
        days = days[pd.to_datetime(days["session_date"]) <= pd.Timestamp(YEAR_END)]
    with connect() as db:
        db.register("calendar", days)
        return db.execute(
            f"""
            with known as ({marks_sql(folder)}),
            weeks as (
                select enrolment_no, date_trunc('week', session_date) as week_start,
                       count(*) filter (code in {ATTENDED} or code in {ABSENT}) as possible,
                       count(*) filter (code in {ABSENT}) as absent,
                       count(*) filter (code in {UNAUTHORISED}) as unauthorised
                from known where session_date <= $evening::date group by all),
            rolls as (
                select enrolment_no, person_no, urn,
                       leaving_date is null or leaving_known_on > $evening::date or leaving_date >= $evening::date
                           as on_roll,
                       case when leaving_known_on <= $evening::date then leaving_date end as leaving
                from read_parquet('{folder}/enrolments.parquet') where entry_date <= $evening::date),
            ahead as (
                select r.person_no, max(n) as ahead from (
                    select r.enrolment_no, r.person_no, 2 * count(*) as n from rolls r
                    join calendar d on d.urn = r.urn
                    where r.on_roll and d.session_date > $evening::date
                      and d.session_date <= coalesce(r.leaving, '2099-01-01')
                    group by all) r group by all)
            select r.person_no, bool_or(r.on_roll) as on_roll,
                   coalesce(max(r.urn) filter (r.on_roll), max(r.urn)) as urn,
                   sum(possible)::bigint as possible, sum(absent)::bigint as absent,
                   sum(unauthorised)::bigint as unauthorised, count(*) filter (possible > 0) as weeks,
                   count(*) filter (absent > 0) as absent_weeks,
                   coalesce(sum(possible) filter (week_start > $evening::date - {RECENT_DAYS}), 0)::bigint
                       as recent_possible,
                   coalesce(sum(absent) filter (week_start > $evening::date - {RECENT_DAYS}), 0)::bigint
                       as recent_absent,
                   coalesce(any_value(a.ahead), 0)::bigint as ahead
            from weeks w join rolls r using (enrolment_no) left join ahead a using (person_no)
            group by r.person_no order by r.person_no""",
            {"evening": evening},
        ).df()
