"""What the truth was as the schools had delivered it by a night: rolls, calendar and marks, in a database in memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from simulator.faces.deliveries import scope_start
from simulator.oracle.codes import ADMINISTRATIVE, sql_list
from simulator.truth.store import Truth, connect

CITY = Path(__file__).parents[1] / "city"
EVERY_DAY = "1900-01-01"
WINDOW_DAYS = 14  # an aggregator is asked for the marks of so many days again, once a week
NOT_LOADED = {"silent", "late", "half_gone", "zero_rows"}


def load_evenings(truth: Truth, nights: list[str], history_until: str) -> pd.DataFrame:
    """urn, evening, is_aggregator, told_from, whole_from: every delivery that could be loaded, the first day that it speaks
    of, and the first day of which an aggregator was asked for every mark (no day on most evenings).
    """
    schools = truth.schools[["urn", "connector", "connector_settings"]]
    parts = [schools.assign(evening=history_until, told_from=EVERY_DAY)]
    for night in sorted(nights):
        missed = [urn for urn, kind in truth.defects(night).items() if kind in NOT_LOADED]
        told = schools[~schools["urn"].isin(missed)]
        starts = [scope_start(night, int(row.urn), row.connector, row.connector_settings) for row in told.itertuples()]
        parts.append(told.assign(evening=night, told_from=starts))
    loads = pd.concat(parts, ignore_index=True)
    loads["is_aggregator"] = loads.pop("connector") == "wonde"
    evening = pd.to_datetime(loads["evening"])
    is_whole = loads["is_aggregator"] & (evening > history_until) & (evening.dt.weekday == loads["urn"] % 5)
    loads["whole_from"] = (evening - pd.Timedelta(days=WINDOW_DAYS)).where(is_whole)
    return loads.drop(columns="connector_settings")


def last_evenings(loads: pd.DataFrame, history_until: str) -> pd.DataFrame:
    """urn, evening, history_until: the last night at which each school's delivery could be loaded."""
    last = loads.groupby("urn", as_index=False)["evening"].max()
    return last.assign(history_until=history_until)


def city_schools(truth: Truth, city: Path) -> pd.DataFrame:
    """Every school of the city's list: those of the truth, and any that nobody heard of, as the list has it."""
    listed = pd.read_csv(city / "schools.csv", keep_default_na=False)
    silent = listed[~listed["urn"].isin(truth.schools["urn"])]
    return pd.concat([truth.schools, silent], ignore_index=True) if len(silent) else truth.schools


def declared_days(schools: pd.DataFrame, city: Path) -> pd.DataFrame:
    """urn, session_date: the declared school days of the whole year, also those still to come, from `calendar.csv`.

    A row for `*` speaks for every school, its terms only for schools that state none of their own; weekdays of a
    term are school days unless a row says closed.
    """
    rows = pd.read_csv(city / "calendar.csv", dtype=str)
    spans = [
        (row.urn, row.kind, day)
        for row in rows.itertuples()
        for day in pd.bdate_range(row.first_day, row.last_day)
    ]  # fmt: skip
    days = pd.DataFrame(spans, columns=["urn", "kind", "session_date"])
    common, own = days[days["urn"] == "*"].drop(columns="urn"), days[days["urn"] != "*"]
    own = own.assign(urn=own["urn"].astype(int))
    every = schools[["urn"]].merge(common, how="cross")
    every = every[(every["kind"] != "term") | ~every["urn"].isin(own.loc[own["kind"] == "term", "urn"])]
    every = pd.concat([every, own])
    closed = every[every["kind"] != "term"][["urn", "session_date"]].drop_duplicates()
    terms = every[every["kind"] == "term"][["urn", "session_date"]].drop_duplicates()
    left = terms.merge(closed, how="left", on=["urn", "session_date"], indicator=True)
    return left.loc[left["_merge"] == "left_only", ["urn", "session_date"]].reset_index(drop=True)


def delivered(
    truth: Truth, night: str, nights: list[str], history_until: str, city: Path = CITY
) -> duckdb.DuckDBPyConnection:
    """A database with the tables `rolls`, `school_days` and `known`.

    rolls: one row per enrolment on or once on a roll: keys, dates as known, the child's own facts, the school's phase.
    school_days: urn, session_date, ordinal, of the whole year.
    known: enrolment_no, session_date, half, code (null where nothing was taken), is_declared; up to the night and
    within the stay.
    """
    db = connect()
    db.execute("set preserve_insertion_order = false")
    folder = truth.folder
    loads = load_evenings(truth, nights, history_until)
    db.register("evenings", last_evenings(loads, history_until))
    db.register("loads", loads)
    for name in ("marks", "corrections"):
        db.execute(f"create view {name} as select * from read_parquet('{folder}/{name}.parquet')")
    db.register("days", declared_days(city_schools(truth, city), city))
    db.execute(f"""create table rolls as
        select *, least(leaving_date, $night::date) as last_day,
            leaving_date is null or leaving_date >= $night::date as is_on_roll
        from (select e.enrolment_no, e.person_no, e.pupil_no, p.pupil_id, e.urn, e.entry_date::date as entry_date,
            e.enrolment_status, s.phase, s.trust, s.type_group, s.ward_name, s.link_officer, s.connector,
            v.evening::date as evening, v.history_until::date as history_until,
            case when e.leaving_known_on::date <= v.evening::date then e.leaving_date::date end as leaving_date,
            case when e.leaving_known_on::date <= v.evening::date then nullif(e.removal_ground, '') end
                as removal_ground,
            case when e.leaving_known_on::date <= v.evening::date then nullif(e.destination_urn, 0) end
                as destination_urn,
            p.registration_group,
            p.nc_year, p.fsm, p.eal, p.looked_after, p.cin, p.cp, p.sen, p.is_boarder, n.sex, n.ethnicity,
            n.date_of_birth::date as date_of_birth
        from read_parquet('{folder}/enrolments.parquet') e join evenings v using (urn)
        join read_parquet('{folder}/pupils.parquet') p using (pupil_no)
        join read_parquet('{folder}/persons.parquet') n on n.person_no = e.person_no
        join read_parquet('{folder}/schools.parquet') s on s.urn = e.urn
        where e.entry_date::date <= v.evening::date)""", {"night": night})  # fmt: skip
    db.execute("""create table school_days as select urn, session_date::date as session_date,
        row_number() over (partition by urn order by session_date) as ordinal from days""")
    db.execute(f"""create table steps as
        select c.enrolment_no, c.session_date, c.half, arg_max(coalesce(c.new_code::varchar, ''), corrected_on) as code
        from read_parquet('{folder}/corrections.parquet') c join rolls r using (enrolment_no)
        where exists (select 1 from loads l where l.urn = r.urn and l.told_from::date <= c.session_date
            and c.corrected_on <= l.evening::date)
        group by all""")
    db.execute(f"""create table known as
        select m.enrolment_no, m.session_date::date as session_date, m.half::tinyint as half,
            case when s.code is not null then nullif(s.code, '') else m.first_code::varchar end as code,
            d.urn is not null as is_declared
        from read_parquet('{folder}/marks.parquet') m join rolls r using (enrolment_no)
        left join steps s using (enrolment_no, session_date, half)
        left join school_days d on d.urn = r.urn and d.session_date = m.session_date::date
        where m.known_at <= r.evening and m.session_date <= r.last_day""")
    # A marker of closure or of a child not yet on the roll on a day that nobody declared says nothing about a session.
    db.execute(f"delete from known where not is_declared and (code is null or code in ({sql_list(ADMINISTRATIVE)}))")
    return db
