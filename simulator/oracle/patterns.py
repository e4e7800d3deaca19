"""Patterns of absence: by weekday, beside breaks and by half day, with exact chance in whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import duckdb
import numpy as np
import pandas as pd

from simulator.oracle.codes import ATTENDED, AUTHORISED, UNAUTHORISED, sql_list
from simulator.oracle.spells import days_beside

MIN_DAYS, MIN_ABSENT, MIN_BREAKS, PER_MILLION, FIRST_DAYS = 8, 4, 3, 200, 10
WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays")
SIDES = [f"{kind}_{side}" for kind in (*WEEKDAYS, "mornings", "afternoons", "break_days", "first_ten_days")
         for side in ("absent", "possible")]  # fmt: skip
FROM_SPELLS = ["sessions_ill", "sessions_holiday", "sessions_pending", "sessions_other_unauthorised",
               "sessions_other_authorised", "spells", "spells_of_one_day", "gap_sessions"]  # fmt: skip
FROM_WEEKS = ["sessions_late_before", "sessions_late_after", "sessions_attended", "sessions_unknown"]
SUMMED = [*SIDES, *FROM_WEEKS, *FROM_SPELLS]
FLAGS = ["has_weekday_pattern", "has_break_pattern", "has_half_day_pattern"]
COLUMNS = ["person_no", "urn", "is_on_roll", *SUMMED, "morning_only_days", "afternoon_only_days", "breaks_absent",
           "longest_spell_school_days", *FLAGS]  # fmt: skip


def counted_days(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per enrolment with a known session: days and sessions absent and possible, by kind of day."""
    absent, attended = sql_list((*AUTHORISED, *UNAUTHORISED)), sql_list(ATTENDED)
    days = days_beside(db.execute("select urn, session_date, ordinal from school_days").df())
    days["break_no"] = np.select(
        [days["is_break_before"], days["is_break_after"]], [days["ordinal"], days["ordinal"] + 1], 0
    )
    db.register("beside", days[["urn", "session_date", "ordinal", "break_no"]])
    by_weekday = ", ".join(
        f"count(*) filter (weekday = {number} and {side}) as {name}_{side}"
        for number, name in enumerate(WEEKDAYS, start=1)
        for side in ("absent", "possible")
    )
    return db.execute(
        f"""with halves as (
            select enrolment_no, session_date,
                bool_or(half = 1 and code in ({absent})) as morning_absent,
                bool_or(half = 2 and code in ({absent})) as afternoon_absent,
                bool_or(half = 1 and code in ({attended})) as morning_attended,
                bool_or(half = 2 and code in ({attended})) as afternoon_attended
            from known where code is not null group by all),
        days as (
            select h.*, isodow(h.session_date) as weekday, b.ordinal, coalesce(b.break_no, 0) as break_no,
                morning_absent or afternoon_absent as absent,
                morning_absent or afternoon_absent or morning_attended or afternoon_attended as possible,
                morning_absent::int + afternoon_absent::int as sessions_absent,
                sessions_absent + morning_attended::int + afternoon_attended::int as sessions_possible
            from halves h join rolls r using (enrolment_no)
            left join beside b on b.urn = r.urn and b.session_date = h.session_date)
        select enrolment_no, {by_weekday},
            count(*) filter (weekday <= 5 and morning_absent) as mornings_absent,
            count(*) filter (weekday <= 5 and (morning_absent or morning_attended)) as mornings_possible,
            count(*) filter (weekday <= 5 and afternoon_absent) as afternoons_absent,
            count(*) filter (weekday <= 5 and (afternoon_absent or afternoon_attended)) as afternoons_possible,
            count(*) filter (morning_absent and afternoon_attended) as morning_only_days,
            count(*) filter (afternoon_absent and morning_attended) as afternoon_only_days,
            count(*) filter (break_no > 0 and absent) as break_days_absent,
            count(*) filter (break_no > 0 and possible) as break_days_possible,
            count(distinct break_no) filter (break_no > 0 and absent) as breaks_absent,
            coalesce(sum(sessions_absent) filter (ordinal <= {FIRST_DAYS}), 0)::bigint as first_ten_days_absent,
            coalesce(sum(sessions_possible) filter (ordinal <= {FIRST_DAYS}), 0)::bigint as first_ten_days_possible
        from days group by enrolment_no"""
    ).df()


def is_beyond_chance(absent: int, possible: int, all_absent: int, all_possible: int) -> bool:
    """Whether chance alone puts so many absent days on the kind at most 200 times in a million."""
    most = min(possible, all_absent)
    ways = sum(comb(possible, k) * comb(all_possible - possible, all_absent - k) for k in range(absent, most + 1))
    return 1_000_000 * ways <= PER_MILLION * comb(all_possible, all_absent)


def is_pattern(rows: pd.DataFrame, kind: str) -> pd.Series:
    """Whether the kind of day is a pattern: enough days, twice the rate of the others, beyond chance."""
    absent, possible = rows[f"{kind}_absent"], rows[f"{kind}_possible"]
    all_absent = rows[[f"{name}_absent" for name in WEEKDAYS]].sum(axis=1)
    all_possible = rows[[f"{name}_possible" for name in WEEKDAYS]].sum(axis=1)
    enough = (possible >= MIN_DAYS) & (absent >= MIN_ABSENT)
    enough &= absent * (all_possible - possible) >= 2 * (all_absent - absent) * possible
    asked = pd.DataFrame({"a": absent, "p": possible, "A": all_absent, "P": all_possible})[enough]
    found = [is_beyond_chance(*map(int, one)) for one in asked.itertuples(index=False)]
    return pd.Series(found, index=asked.index, dtype=bool).reindex(rows.index, fill_value=False)


def is_half_day_pattern(rows: pd.DataFrame) -> pd.Series:
    """Whether one half of the day is missed far more often than the other."""
    most = rows[["morning_only_days", "afternoon_only_days"]].max(axis=1)
    days = rows["morning_only_days"] + rows["afternoon_only_days"]
    asked = pd.DataFrame({"x": most, "n": days})[(most >= MIN_ABSENT) & (most >= 2 * (days - most))]
    found = [
        1_000_000 * sum(comb(int(n), k) for k in range(int(x), int(n) + 1)) <= PER_MILLION * 2 ** int(n)
        for x, n in asked.itertuples(index=False)
    ]
    return pd.Series(found, index=asked.index, dtype=bool).reindex(rows.index, fill_value=False)


def marts(
    db: duckdb.DuckDBPyConnection, spells: pd.DataFrame
) -> Iterator[tuple[str, list[str], list[str], pd.DataFrame]]:
    """Patterns by enrolment and summed by school; `spells` are the rows of the spells' mart."""
    rows = counted_days(db)
    own = spells.assign(spells=1, spells_of_one_day=(spells["first_date"] == spells["last_date"]).astype(int))
    grouped = own.groupby("enrolment_no")
    # No gap is no number: the sum of gaps is null for fewer than two spells.
    told = grouped[FROM_SPELLS].sum().assign(
        longest_spell_school_days=grouped["school_days"].max(), gap_sessions=grouped["gap_sessions"].sum(min_count=1)
    ).reset_index()  # fmt: skip
    rows = rows.merge(told, on="enrolment_no", how="left")
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in FROM_WEEKS)
    weeks = db.execute(f"select enrolment_no, {sums} from weeks group by all").df()
    rolls = db.execute("select enrolment_no, person_no, urn, is_on_roll from rolls").df()
    rows = rows.merge(weeks, on="enrolment_no").merge(rolls, on="enrolment_no")
    filled = [*(name for name in FROM_SPELLS if name != "gap_sessions"), "longest_spell_school_days"]
    rows[filled] = rows[filled].fillna(0)
    rows["has_weekday_pattern"] = np.logical_or.reduce([is_pattern(rows, kind) for kind in WEEKDAYS])
    rows["has_break_pattern"] = is_pattern(rows, "break_days") & (rows["breaks_absent"] >= MIN_BREAKS)
    rows["has_half_day_pattern"] = is_half_day_pattern(rows)
    yield "fct_absence_patterns", ["enrolment_no"], COLUMNS, rows
    schools = rows.groupby("urn", as_index=False)[[*SUMMED, *FLAGS]].sum()
    schools = schools.rename(columns={name: name.replace("has_", "enrolments_") for name in FLAGS})
    schools["enrolments"] = schools["urn"].map(rows.groupby("urn").size())
    flags = [name.replace("has_", "enrolments_") for name in FLAGS]
    summed = [name for name in SUMMED if name != "gap_sessions"]
    yield "agg_school_patterns", ["urn"], ["enrolments", *summed, *flags], schools
