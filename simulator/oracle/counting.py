"""Sessions counted: by enrolment and week, by enrolment and code, and summed over periods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from simulator.oracle.codes import (
    ATTENDED,
    AUTHORISED,
    LATE_AFTER,
    LATE_BEFORE,
    NOT_POSSIBLE,
    PART_TIME,
    UNAUTHORISED,
    sql_list,
)

COUNTS = [
    f"sessions_{name}" for name in ("expected", "possible", "attended", "absent", "authorised", "unauthorised",
    "late_before", "late_after", "part_time", "not_possible", "unknown")
]  # fmt: skip
PERIOD = ["period_type", "period_name"]
ROLLING_WEEKS = 12


def city_settings(settings: Path) -> dict[str, Any]:
    """The city's own settings."""
    loaded: dict[str, Any] = yaml.safe_load(settings.read_text(encoding="utf-8"))
    return loaded


def city_periods(settings: Path, night: str) -> pd.DataFrame:
    """period_type, period_name, first_day, last_day: year, terms and half terms of the academic year of `night`."""
    for year in city_settings(settings)["academic_years"]:
        if str(year["first_day"]) <= night <= str(year["last_day"]):
            rows = [("year", "year to date", year["first_day"], year["last_day"])]
            for kind in ("term", "half_term"):
                rows += [(kind, one["name"], one["first_day"], one["last_day"]) for one in year[f"{kind}s"]]
            frame = pd.DataFrame(rows, columns=[*PERIOD, "first_day", "last_day"])
            return frame.astype({"first_day": "datetime64[ns]", "last_day": "datetime64[ns]"})
    raise ValueError(f"no academic year of the settings holds {night}")


def week_periods(periods: pd.DataFrame, night: str) -> pd.DataFrame:
    """week (a Monday), period_type, period_name: every period that a week counts in, by the week's Friday."""
    first, last = periods["first_day"].min(), pd.Timestamp(night)
    mondays = pd.date_range(first - pd.Timedelta(days=first.weekday()), last, freq="W-MON")
    fridays = mondays + pd.Timedelta(days=4)
    rows = []
    for kind, named in periods.sort_values("first_day").groupby("period_type"):
        place = named["first_day"].searchsorted(fridays, side="right") - 1
        rows += [
            (week, kind, named["period_name"].iloc[at]) for week, at in zip(mondays, place, strict=True) if at >= 0
        ]
    own_week = last - pd.Timedelta(days=last.weekday())
    earliest = own_week - pd.Timedelta(weeks=ROLLING_WEEKS - 1)
    inside = [week for week, friday in zip(mondays, fridays, strict=True) if friday >= first]
    rows += [(week, "rolling", f"last {ROLLING_WEEKS} weeks") for week in inside if week >= earliest]
    rows += [(week, "week", f"{week:%Y-%m-%d}") for week in inside]
    rows += [(week, "month", f"{week + pd.Timedelta(days=4):%Y-%m}") for week in inside]
    return pd.DataFrame(rows, columns=["week", *PERIOD])


def weekly(db: duckdb.DuckDBPyConnection, night: str) -> None:
    """Create `weeks`: one row per enrolment and week with a session expected, with every count."""
    flags = {
        "attended": sql_list(ATTENDED), "authorised": sql_list(AUTHORISED), "unauthorised": sql_list(UNAUTHORISED),
        "late_before": f"'{LATE_BEFORE}'", "late_after": f"'{LATE_AFTER}'", "part_time": f"'{PART_TIME}'",
        "other": sql_list((*NOT_POSSIBLE, "#", "Z")),
    }  # fmt: skip
    sums = ", ".join(f"coalesce(sum(n) filter (code in ({codes})), 0) as {name}" for name, codes in flags.items())
    db.execute("""create table week_codes as select enrolment_no, date_trunc('week', session_date)::date as week, code,
        is_declared, count(*) as n from known where code is not null group by all""")
    db.execute(
        f"""create table weeks as
        with declared as (
            select r.enrolment_no, date_trunc('week', d.session_date)::date as week, 2 * count(*) as n
            from rolls r join school_days d on d.urn = r.urn and d.session_date between r.entry_date and r.last_day
            group by all),
        counted as (
            select enrolment_no, week, sum(n) as known, coalesce(sum(n) filter (not is_declared), 0) as further, {sums}
            from week_codes group by all)
        select enrolment_no, week, coalesce(d.n, 0) + coalesce(further, 0) as sessions_expected,
            attended + authorised + unauthorised as sessions_possible, attended as sessions_attended,
            authorised + unauthorised as sessions_absent, authorised as sessions_authorised,
            unauthorised as sessions_unauthorised, late_before as sessions_late_before,
            late_after as sessions_late_after, part_time as sessions_part_time, other as sessions_not_possible,
            coalesce(d.n, 0) + coalesce(further, 0) - coalesce(known, 0) as sessions_unknown
        from declared d full join counted c using (enrolment_no, week)""",
        {},
    )
    for name in COUNTS:
        db.execute(f"alter table weeks alter {name} type integer using coalesce({name}, 0)::integer")


def enrolment_periods(db: duckdb.DuckDBPyConnection, where: str = "true") -> pd.DataFrame:
    """enrolment_no, person_no, urn, period and counts; the table `week_periods` says which weeks make a period."""
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in COUNTS)
    return db.execute(
        f"""select enrolment_no, person_no, urn, period_type, period_name, min(week) as first_week, {sums}
        from weeks join week_periods using (week) join rolls using (enrolment_no) where {where} group by all"""
    ).df()


def code_counts(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """enrolment_no, code, sessions of the year to date; both halves of ordinary presence are one code."""
    return db.execute(
        r"""select enrolment_no, case when code in ('/', '\') then '/\' else code end as code, sum(n)::bigint as sessions
        from week_codes join week_periods using (week) where period_type = 'year' group by all"""
    ).df()
