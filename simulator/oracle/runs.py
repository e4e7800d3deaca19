"""Runs of sessions in the order of a school's calendar: continuous absence, periods of illness, spells."""

from __future__ import annotations

import duckdb
import pandas as pd

from simulator.oracle.ages import compulsory_from, compulsory_until
from simulator.oracle.codes import AUTHORISED, GROUND_I, NOT_POSSIBLE, UNAUTHORISED, sql_list

KINDS = {
    "attendance_return": UNAUTHORISED, "deletion_ground": GROUND_I, "sickness": ("I",),
    "spell": (*AUTHORISED, *UNAUTHORISED),
}  # fmt: skip


def calendar_sessions(db: duckdb.DuckDBPyConnection, night: str) -> None:
    """Create `on_calendar`: every session of a stay, up to the night and on a declared day, that is an absence or is
    bridged: enrolment_no, place (of the session in its school's calendar), session_date, half, code, is_unknown.

    Of the attended ones nothing is written: a place that is missing is a session that breaks a run.
    """
    codes = sql_list((*AUTHORISED, *UNAUTHORISED, *NOT_POSSIBLE, "#", "Z"))
    db.execute(
        f"""create table on_calendar as
        with silent_weeks as (
            select enrolment_no, week from weeks where sessions_unknown > 0),
        due as (
            select w.enrolment_no, r.urn, d.session_date, h.half, 2 * d.ordinal + h.half as place
            from silent_weeks w join rolls r using (enrolment_no)
            join school_days d on d.urn = r.urn and d.session_date between w.week and w.week + 6
                and d.session_date between r.entry_date and r.last_day
            cross join (values (1), (2)) h(half)),
        spoken as (
            select k.enrolment_no, r.urn, k.session_date, k.half, 2 * d.ordinal + k.half as place, k.code
            from known k join rolls r using (enrolment_no)
            join school_days d on d.urn = r.urn and d.session_date = k.session_date where k.code in ({codes}))
        select enrolment_no, place, session_date, half, code, false as is_unknown from spoken union all
        select u.enrolment_no, u.place, u.session_date, u.half, null, true from due u
        left join (select k.* from known k join silent_weeks w on w.enrolment_no = k.enrolment_no
            and k.session_date between w.week and w.week + 6 where k.code is not null) k
            on k.enrolment_no = u.enrolment_no and k.session_date = u.session_date and k.half = u.half
        where k.enrolment_no is null"""
    )
    db.execute(
        """create table last_places as select urn, 2 * max(ordinal) + 2 as last_place from school_days
        where session_date <= $night::date group by all""",
        {"night": night},
    )


def runs(
    db: duckdb.DuckDBPyConnection, kind: str, nth: int = 0, *, is_unknown_bridged: bool = True, is_of_age: bool = False
) -> pd.DataFrame:
    """One row per run of `kind`: keys, first and last day, counts by code, what is bridged, whether it goes on.

    `reached_date` is the day of the `nth` counted session, null where there are fewer. An unknown session breaks a run
    unless `is_unknown_bridged`; with `is_of_age` only sessions within compulsory school age are looked at.
    """
    counted = sql_list(KINDS[kind])
    bridged = f"code in ({sql_list((*NOT_POSSIBLE, '#', 'Z'))})"
    bridged = f"(is_unknown or {bridged})" if is_unknown_bridged else f"(not is_unknown and {bridged})"
    looked_at = "on_calendar"
    if is_of_age:
        rolls = db.execute("select enrolment_no, date_of_birth from rolls").df()
        born = pd.to_datetime(rolls["date_of_birth"])
        ages = {"age_from": compulsory_from(born), "age_until": compulsory_until(born)}
        db.register("of_age", pd.DataFrame({"enrolment_no": rolls["enrolment_no"], **ages}))
        looked_at = """(select c.* from on_calendar c join of_age using (enrolment_no)
            where session_date between age_from and age_until)"""
    return db.execute(
        f"""with relevant as (
            select *, coalesce(code in ({counted}), false) as is_counted from {looked_at}
            where code in ({counted}) or {bridged}),
        islands as (
            select *, place - row_number() over (partition by enrolment_no order by place) as island from relevant),
        numbered as (
            select *, sum(is_counted::int) over (partition by enrolment_no, island order by place) as nth,
                sum(is_counted::int) over (partition by enrolment_no, island) as sessions,
                max(place) over (partition by enrolment_no, island) as last_quiet from islands),
        told as (
            select enrolment_no, island, min(place) filter (is_counted) as first_place,
                max(place) filter (is_counted) as last_place, max(last_quiet) as last_quiet,
                min(session_date) filter (is_counted) as first_date, max(session_date) filter (is_counted) as last_date,
                min(session_date) filter (is_counted and nth = {nth}) as reached_date,
                count(*) filter (is_counted) as sessions,
                count(distinct session_date) filter (is_counted) as school_days,
                count(*) filter (code = 'G') as sessions_g, count(*) filter (code = 'N') as sessions_n,
                count(*) filter (code = 'O') as sessions_o, count(*) filter (is_counted and code = 'U') as sessions_u,
                count(*) filter (code = 'I') as sessions_ill,
                count(*) filter (not is_counted and nth between 1 and sessions - 1) as sessions_bridged,
                count(*) filter (is_unknown and nth between 1 and sessions - 1) as sessions_unknown
            from numbered where sessions > 0 group by all)
        select t.*, r.person_no, r.urn, r.date_of_birth, r.is_on_roll,
            r.is_on_roll and t.last_quiet = l.last_place as is_open
        from told t join rolls r using (enrolment_no) join last_places l on l.urn = r.urn"""
    ).df()
