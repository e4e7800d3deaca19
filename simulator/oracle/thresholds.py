"""Thresholds in whole numbers: flags, bands, and how many sessions lie between a child and a threshold."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

PERSISTENT, SEVERE = 10, 50
LABELS = ("none possible", "severe", "persistent", f"below {PERSISTENT} %")


def reaches(absent: pd.Series, possible: pd.Series, threshold: int) -> pd.Series:
    """Whether absence is `threshold` per cent or more of what was possible; never where nothing was."""
    return (possible > 0) & (100 * absent >= threshold * possible)


def with_flags(counts: pd.DataFrame) -> pd.DataFrame:
    """Add the rate, the four flags and the two bands to rows with session counts."""
    possible, absent = counts["sessions_possible"], counts["sessions_absent"]
    without = absent - counts["sessions_part_time"]
    persistent, severe = reaches(absent, possible, PERSISTENT), reaches(absent, possible, SEVERE)
    return counts.assign(
        absence_rate=(absent / possible).where(possible > 0),
        is_persistently_absent=persistent,
        is_severely_absent=severe,
        is_persistently_absent_without_part_time=reaches(without, possible, PERSISTENT),
        is_severely_absent_without_part_time=reaches(without, possible, SEVERE),
        absence_band=np.select([possible == 0, severe, persistent], LABELS[:3], LABELS[3]),
        five_point_band=(20 * absent // possible.where(possible > 0, 1) * 5).where(possible > 0),
    )


FLAGS = [
    "absence_rate", "is_persistently_absent", "is_severely_absent", "is_persistently_absent_without_part_time",
    "is_severely_absent_without_part_time", "absence_band", "five_point_band", "is_dfe_cohort",
]  # fmt: skip


def main_enrolments(rolls: pd.DataFrame) -> pd.DataFrame:
    """person_no, enrolment_no, urn, leaving_date: the open enrolment that is not a subsidiary or guest one, of these
    the latest begun.
    """
    on_roll = rolls[rolls["is_on_roll"]].copy()
    on_roll["is_second"] = on_roll["enrolment_status"].isin(["S", "G"])
    ordered = on_roll.sort_values(
        ["person_no", "is_second", "entry_date"], ascending=[True, True, False], kind="stable"
    )
    return ordered.drop_duplicates("person_no")[["person_no", "enrolment_no", "urn", "leaving_date"]]


def sessions_to_threshold(db: duckdb.DuckDBPyConnection, children: pd.DataFrame, night: str) -> pd.DataFrame:
    """One row per child on a roll with a possible session this year; `children` are the year's counts by person_no."""
    main = main_enrolments(db.execute("select * from rolls").df())
    rows = main.merge(children[children["sessions_possible"] > 0], on="person_no", suffixes=("", "_pooled"))
    db.register("main", main)
    for name, last in (("half_term", "half_term"), ("year", "year")):
        left = db.execute(
            f"""select person_no, 2 * count(d.session_date)::bigint as sessions_left_{name} from main m
            left join (select urn, session_date from school_days d where session_date > $night::date
                and session_date <= (select max(last_day) from periods where period_type = '{last}'
                    and $night::date between first_day and last_day)) d
                on d.urn = m.urn and d.session_date <= coalesce(m.leaving_date, date '9999-12-31')
            group by all""", {"night": night}).df()  # fmt: skip
        rows = rows.merge(left, on="person_no")
    absent, possible = rows["sessions_absent"], rows["sessions_possible"]
    rows["is_persistently_absent"] = reaches(absent, possible, PERSISTENT)
    for name, threshold in (("persistent", PERSISTENT), ("severe", SEVERE)):
        # 100 (a + k) >= t (p + k): k (100 - t) >= t p - 100 a, rounded up; nothing to miss for one who is there.
        short = (threshold * possible - 100 * absent).clip(lower=0)
        rows[f"further_absences_to_{name}"] = -(-short // (100 - threshold))
    # 100 a < t (p + m): the first whole m above (100 a - t p) / t, and none for one who is below.
    over = 100 * absent - PERSISTENT * possible
    rows["attendances_to_recover"] = (over // PERSISTENT + 1).where(over >= 0, 0)
    for name in ("half_term", "year"):
        left = rows[f"sessions_left_{name}"]
        end = "half_term" if name == "half_term" else "year_end"
        rows[f"is_recoverable_by_{end}"] = rows["is_persistently_absent"] & (rows["attendances_to_recover"] <= left)
        # 100 (a + j) < t (p + left): the last whole j below, between nothing and all that is left.
        spare = (PERSISTENT * (possible + left) - 100 * absent - 1) // 100
        rows[f"absences_affordable_{name}"] = np.minimum(spare.clip(lower=0), left)
    return rows


TO_THRESHOLD = [
    "sessions_possible", "sessions_absent", "is_persistently_absent", "further_absences_to_persistent",
    "further_absences_to_severe", "attendances_to_recover", "sessions_left_half_term", "sessions_left_year",
    "is_recoverable_by_half_term", "is_recoverable_by_year_end", "absences_affordable_half_term",
    "absences_affordable_year",
]  # fmt: skip
