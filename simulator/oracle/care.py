"""The council's dated statuses of social care, week by week: yes from the first to the last day of a stay."""

from __future__ import annotations

import duckdb
import pandas as pd

from simulator.oracle.counting import PERIOD

STATUSES = {
    "looked_after": ("lac", "looked after", "not looked after"), "cin": ("cin", "in need", "not in need"),
    "cp": ("cp", "on a protection plan", "not on a protection plan"),
}  # fmt: skip
COUNTED = ["expected", "unknown", "possible", "absent", "authorised", "unauthorised"]


def hold(db: duckdb.DuckDBPyConnection) -> None:
    """Create `held`: enrolment_no, week and the name of each status in that week; and `by_care`, its counts by period.

    A week has the status that held on its Friday. Of a child without any stay of the status, the register's flag holds.
    """
    names, joins = [], []
    for status, (stay, stated, denied) in STATUSES.items():
        names.append(f"if(coalesce({status}_stays.is_held, r.{status}), '{stated}', '{denied}') as {status}")
        joins.append(
            f"""left join (select person_no, week, bool_or(week + 4 between start_date::date
                and coalesce(end_date::date, date '9999-12-31')) as is_held
                from social_care cross join (select distinct week from weeks) where status = '{stay}' group by all
            ) {status}_stays on {status}_stays.person_no = r.person_no and {status}_stays.week = w.week"""
        )
    db.execute(
        f"""create table held as select enrolment_no, w.week, {", ".join(names)}
        from weeks w join rolls r using (enrolment_no) {" ".join(joins)}"""
    )
    sums = ", ".join(f"sum(sessions_{name})::bigint as sessions_{name}" for name in COUNTED)
    db.execute(
        f"""create table by_care as
        select enrolment_no, r.urn, period_type, period_name, {", ".join(f"h.{status}" for status in STATUSES)},
            max(week) as last_week, {sums}
        from weeks join held h using (enrolment_no, week) join week_periods p using (week)
        join rolls r using (enrolment_no) where period_type in ('year', 'term') group by all"""
    )


def by_status(db: duckdb.DuckDBPyConnection, status: str) -> pd.DataFrame:
    """enrolment_no, urn, period (year, terms), the status's name as `held` says, counts, `is_last`: whether the
    enrolment's last week of the period has that status.
    """
    sums = ", ".join(f"sum(sessions_{name})::bigint as sessions_{name}" for name in COUNTED)
    return db.execute(
        f"""with summed as (
            select enrolment_no, urn, period_type, period_name, h.{status}, max(last_week) as last_week, {sums}
            from by_care h group by all)
        select * exclude (last_week),
            last_week = max(last_week) over (partition by enrolment_no, {", ".join(PERIOD)}) as is_last
        from summed"""
    ).df()


def flags_on(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """person_no, is_looked_after, is_cin, is_cp as at the night, and `_source`: the council where it has any stay of that
    status for the child, else the register.
    """
    columns = []
    for status, (stay, _, _) in STATUSES.items():
        told = f"""(select person_no, bool_or($night::date between start_date::date
            and coalesce(end_date::date, date '9999-12-31')) as is_held from social_care where status = '{stay}'
            group by all) {status}_stays"""
        columns.append((f"coalesce({status}_stays.is_held, {status}) as is_{status}",
                        f"if({status}_stays.is_held is null, 'register', 'council') as {status}_source",
                        f"left join {told} using (person_no)"))  # fmt: skip
    return db.execute(
        f"""with children as (
            select person_no, {", ".join(f"bool_or({status}) as {status}" for status in STATUSES)} from rolls group by all)
        select person_no, {", ".join(f"{flag}, {source}" for flag, source, _ in columns)}
        from children {" ".join(join for *_, join in columns)}""", {"night": night}).df()  # fmt: skip
