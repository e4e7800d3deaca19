"""The independent check: absence of every enrolment and child computed straight from the truth as delivered,
beside the product's marts.

No code of the product is used. The classification of codes is written out here again, from SI 2024/208 reg 10-11
and DfE's identities.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.faces.deliveries import half_term_start
from simulator.truth.store import Truth, connect

ATTENDED = ("/", "\\", "L", "B", "P", "V", "W", "K")
AUTHORISED = ("I", "M", "R", "S", "T", "E", "C", "C1", "C2", "J1")
UNAUTHORISED = ("G", "N", "O", "U")
PERIODS = (
    ("year", "2025/26", "2025-08-01", "2026-07-31"),
    ("term", "autumn", "2025-08-01", "2025-12-31"),
    ("term", "spring", "2026-01-01", "2026-04-05"),
    ("term", "summer", "2026-04-06", "2026-07-31"),
)
NOT_LOADED = {"silent", "late", "half_gone", "zero_rows"}
COUNTS = [
    f"sessions_{name}"
    for name in ("expected", "possible", "attended", "absent", "authorised", "unauthorised", "unknown")
]
FLAGS = ["is_persistently_absent", "is_severely_absent"]
MART_KEYS = {"enrolment": ["urn", "pupil_id", "entry_date"], "child": ["person_no"]}


def last_evenings(truth: Truth, nights: list[str], history_until: str) -> pd.DataFrame:
    """urn, evening: the last night at which each school's delivery could be loaded; held and missing ones fall back."""
    schools = truth.schools[["urn", "connector_settings"]].copy()
    schools["evening"] = history_until
    for night in sorted(nights):
        missed = [urn for urn, kind in truth.defects(night).items() if kind in NOT_LOADED]
        schools.loc[~schools["urn"].isin(missed), "evening"] = night
    # Workbooks carry the current half term only: what was corrected before it stays as the history load knew it.
    workbook = schools["connector_settings"] == "file=xlsx"
    schools["window_from"] = np.where(workbook, half_term_start(max(nights, default=history_until)), "1900-01-01")
    schools["history_until"] = history_until
    return schools.drop(columns="connector_settings")


def expected_enrolments(truth: Truth, night: str, nights: list[str], history_until: str) -> pd.DataFrame:
    """One row per enrolment and period with sessions expected (declared, or further ones with a known mark): keys,
    person_no, counts.
    """
    folder = truth.folder
    with connect() as db:
        db.register("evenings", last_evenings(truth, nights, history_until))
        db.register("periods", pd.DataFrame(PERIODS, columns=["period_type", "period_name", "first_day", "last_day"]))
        lists = {name: ", ".join(f"'{code}'" for code in codes) for name, codes in
                 (("attended", ATTENDED), ("authorised", AUTHORISED), ("unauthorised", UNAUTHORISED))}  # fmt: skip
        return db.execute(
            f"""
            with rolls as (
                select e.enrolment_no, e.person_no, e.pupil_no, e.urn, e.entry_date::date as entry_date,
                    v.evening::date as evening,
                       v.window_from::date as window_from, v.history_until::date as history_until,
                       least(case when e.leaving_known_on::date <= v.evening::date then e.leaving_date::date end,
                           $night::date) as last_day
                from read_parquet('{folder}/enrolments.parquet') e join evenings v using (urn)
                where e.entry_date::date <= v.evening::date),
            declared as (
                select r.enrolment_no, p.period_type, p.period_name, 2 * count(*) as sessions_expected
                from rolls r join read_parquet('{folder}/school_days.parquet') d on d.urn = r.urn
                     and d.session_date::date between r.entry_date and coalesce(r.last_day, $night::date)
                join periods p on d.session_date::date between p.first_day::date and p.last_day::date group by all),
            steps as (
                select c.enrolment_no, c.session_date, c.half, count(*) as steps,
                    arg_max(coalesce(c.new_code::varchar, ''), corrected_on) as code
                from read_parquet('{folder}/corrections.parquet') c join rolls r using (enrolment_no)
                where corrected_on <= case
                    when c.session_date < r.window_from then r.history_until else r.evening end group by all),
            known as (
                select m.enrolment_no, m.session_date, case when s.steps > 0 then nullif(s.code,
                    '') else m.first_code::varchar end as code, d.urn is not null as is_declared
                from read_parquet('{folder}/marks.parquet') m join rolls r using (enrolment_no)
                left join steps s using (enrolment_no, session_date, half)
                left join read_parquet('{folder}/school_days.parquet') d
                    on d.urn = r.urn and d.session_date::date = m.session_date::date
                where m.known_at <= r.evening and m.session_date <= coalesce(r.last_day, $night::date)),
            daily as (
                select enrolment_no, session_date, count(code) filter (is_declared or code not in ('#', 'Z')) as known,
                       count(code) filter (not is_declared and code not in ('#', 'Z')) as further,
                       count(*) filter (code in ({lists["attended"]})) as attended,
                       count(*) filter (code in ({lists["authorised"]})) as authorised,
                       count(*) filter (code in ({lists["unauthorised"]})) as unauthorised
                from known group by all),
            counted as (
                select enrolment_no, period_type, period_name, sum(known)::bigint as known,
                    sum(further)::bigint as further,
                    sum(attended)::bigint as attended,
                       sum(authorised)::bigint as authorised, sum(unauthorised)::bigint as unauthorised
                from daily join periods p on session_date between p.first_day::date and p.last_day::date group by all)
            select r.urn, p.pupil_id, r.entry_date::varchar as entry_date, r.person_no, r.enrolment_no, d.period_type,
                   d.period_name, d.sessions_expected + coalesce(further, 0) as sessions_expected,
                   coalesce(attended + authorised + unauthorised,
                       0) as sessions_possible,
                   coalesce(attended, 0) as sessions_attended, coalesce(authorised + unauthorised,
                       0) as sessions_absent,
                   coalesce(authorised, 0) as sessions_authorised, coalesce(unauthorised, 0) as sessions_unauthorised,
                   d.sessions_expected + coalesce(further, 0) - coalesce(known, 0) as sessions_unknown
            from declared d join rolls r using (enrolment_no)
                join read_parquet('{folder}/pupils.parquet') p using (pupil_no)
            left join counted c using (enrolment_no, period_type, period_name)""",
            {"night": night},
        ).df()


def with_flags(counts: pd.DataFrame) -> pd.DataFrame:
    """Add the flags by whole numbers: ten times absent reaches possible; twice absent reaches possible."""
    possible, absent = counts["sessions_possible"], counts["sessions_absent"]
    counts["is_persistently_absent"] = (possible > 0) & (10 * absent >= possible)
    counts["is_severely_absent"] = (possible > 0) & (2 * absent >= possible)
    return counts


def verify(folder: Path, dsn: str, night: str, history_until: str, nights: list[str] | None = None) -> dict[str, Any]:
    """Compare both marts row by row; `mismatches` counts rows that differ, are missing or are too many, and
    children linked wrongly.
    """
    truth = Truth(folder)
    if nights is None:
        span = pd.bdate_range(pd.Timestamp(history_until) + pd.Timedelta(days=1), night)
        nights = [day.date().isoformat() for day in span]
    expected = expected_enrolments(truth, night, nights, history_until)
    children = expected.groupby(["person_no", "period_type", "period_name"], as_index=False)[COUNTS].sum()
    enrolment_mart, child_mart, links = _marts(truth, dsn)
    parts = {
        "enrolments": compare(with_flags(expected), enrolment_mart, "enrolment"),
        "children": compare(with_flags(children), child_mart, "child"),
        "links": links,
    }
    return {"night": night, "mismatches": sum(part["mismatches"] for part in parts.values()), "parts": parts}


def compare(expected: pd.DataFrame, found: pd.DataFrame, grain: str) -> dict[str, Any]:
    """Full outer comparison on the grain's keys and the period; rows that expect no session may be present or
    absent.
    """
    keys = [*MART_KEYS[grain], "period_type", "period_name"]
    columns = [*COUNTS, *FLAGS]
    found = found.copy()
    found.loc[found["period_type"] == "year", "period_name"] = PERIODS[0][1]
    both = expected[keys + columns].merge(
        found[keys + columns], on=keys, how="outer", suffixes=("", "_found"), indicator=True
    )
    both = both[~((both["_merge"] == "right_only") & (both["sessions_expected_found"] == 0))]
    wrong = both["_merge"] != "both"
    for column in columns:
        wrong |= both[column].astype(float).to_numpy() != both[f"{column}_found"].astype(float).to_numpy()
    lines = []
    for row in both[wrong].head(10).to_dict("records"):
        place = " ".join(str(row[key]) for key in keys)
        differs = [
            f"{name} {row[name]} / {row[f'{name}_found']}" for name in columns if row[name] != row[f"{name}_found"]
        ]
        lines.append(f"{place}: {'; '.join(differs)} ({row['_merge']})")
    return {"compared": len(both), "mismatches": int(wrong.sum()), "first": lines}


def _marts(truth: Truth, dsn: str) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    import psycopg

    names = ["period_type", "period_name", *COUNTS, *FLAGS]
    columns = ", ".join(names)
    own_columns = ", ".join(f"m.{name}" for name in names)
    with psycopg.connect(dsn) as connection:
        enrolments = _read(
            connection,
            f"""select p.urn, p.source_pupil_id as pupil_id, e.entry_date::text as entry_date, {own_columns}
                from marts.fct_enrolment_absence m
                join (select distinct enrolment_id, pupil_id, entry_date from register.enrolment where is_current) e
                    using (enrolment_id)
                join (select distinct pupil_id, urn, source_pupil_id from identity.pupil) p using (pupil_id)
                where m.period_type in ('year', 'term')""",
        )
        children = _read(
            connection,
            f"select person_id, {columns} from marts.fct_child_absence where period_type in ('year', 'term')",
        )
        links = _read(
            connection,
            """select distinct l.person_id, p.urn, p.source_pupil_id as pupil_id from register.person_link l
               join (select distinct pupil_id, urn, source_pupil_id
                   from identity.pupil) p using (pupil_id) where l.is_current""",
        )
    linked = links.merge(truth.pupils[["urn", "pupil_id", "person_no"]], on=["urn", "pupil_id"], how="left")
    pairs = linked[["person_id", "person_no"]].drop_duplicates()
    torn = pairs[
        pairs.duplicated("person_no", keep=False)
        | pairs.duplicated("person_id", keep=False)
        | pairs["person_no"].isna()
    ]
    children = children.merge(pairs.drop_duplicates("person_id"), on="person_id", how="left")
    first = [f"person_id {row.person_id} is truth person {row.person_no}" for row in torn.head(10).itertuples()]
    return enrolments, children, {"compared": len(pairs), "mismatches": len(torn), "first": first}


def _read(connection: Any, query: str) -> pd.DataFrame:
    cursor = connection.execute(query)
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
