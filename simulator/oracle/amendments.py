"""Amendments of the register: what each delivery changed of a mark that an earlier one had brought."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd

from simulator.oracle.codes import CATEGORIES, PENDING

LATE_DAYS = 5
CHANGES = ("explained", "reclassified", "same_class", "filled_in", "blanked", "removed")
COLUMNS = ["person_no", "urn", "original_code", "amended_code", "change", "original_category", "amended_category",
           "age_school_days", "is_late"]  # fmt: skip
SUMS = ["amendments", *(f"amendments_{name}" for name in CHANGES), "amendments_explained_late", "present_to_absent",
        "absent_to_present", "unauthorised_to_authorised", "oldest_school_days", "median_school_days",
        "sessions_overdue"]  # fmt: skip
ATTENDING = ("present", "approved_educational_activity")
ABSENT = ("absent_authorised", "absent_unauthorised")


def changed_marks(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every mark whose code differs between two deliveries of its school in a row; null where nothing was taken.

    A change is told by the first delivery after it whose scope reaches the day, against the one before it that did. An
    aggregator tells nothing of a register not taken, so that a mark never told as blank is no amendment once it comes, nor
    one that the history told as blank and that was missing since, where every mark of the day was asked for.
    """
    return db.execute(
        """with told as (
            select c.enrolment_no, c.session_date, c.half, c.corrected_on, l.is_aggregator, r.history_until, r.entry_date,
                max(l.evening::date) filter (l.evening::date < c.corrected_on) as before,
                min(l.evening::date) filter (l.evening::date >= c.corrected_on) as night
            from corrections c join rolls r using (enrolment_no)
            join loads l on l.urn = r.urn and l.told_from::date <= c.session_date
            group by all),
        moved as (
            select distinct enrolment_no, session_date, half, before, night, is_aggregator, history_until
            from told where night is not null and entry_date <= before),
        states as (
            select m.*, k.first_code, k.known_at,
                arg_max(coalesce(c.new_code, ''), c.corrected_on) filter (c.corrected_on <= m.before) as code_before,
                arg_max(coalesce(c.new_code, ''), c.corrected_on) filter (c.corrected_on <= m.night) as code_after
            from moved m join corrections c using (enrolment_no, session_date, half)
            join marks k using (enrolment_no, session_date, half) group by all)
        select s.enrolment_no, s.session_date, case s.half when 1 then 'AM' else 'PM' end as session,
            strftime(s.night, '%Y-%m-%d') as night, s.night as night_date, r.person_no, r.urn,
            case when code_before is null then first_code else nullif(code_before, '') end as original_code,
            nullif(code_after, '') as amended_code, s.is_aggregator, s.history_until, s.known_at
        from states s join rolls r using (enrolment_no)
        where known_at <= s.before and s.session_date <= r.last_day and original_code is distinct from amended_code
            and not (original_code is null and s.is_aggregator and (known_at > s.history_until or exists (
                select 1 from loads l where l.urn = r.urn and l.whole_from <= s.session_date
                    and l.evening::date < s.night and l.evening::date >= s.session_date)))"""
    ).df()


def amendments(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per enrolment, session and delivery that changed its code, with the kind of change and its age."""
    rows = changed_marks(db)
    db.register("amended", rows[["urn", "session_date", "night"]].drop_duplicates())
    ages = db.execute(
        """select a.urn, a.session_date, a.night, count(d.session_date) as age_school_days from amended a
        left join school_days d on d.urn = a.urn and d.session_date > a.session_date and d.session_date <= a.night::date
        group by all"""
    ).df()
    rows = rows.merge(ages, on=["urn", "session_date", "night"])
    before, after = rows["original_code"], rows["amended_code"]
    for name, codes in (("original_category", before), ("amended_category", after)):
        rows[name] = codes.map(CATEGORIES).fillna("unknown")
    rows["change"] = np.select(
        [after.isna(), before.isna(), before == PENDING, rows["original_category"] != rows["amended_category"]],
        ["blanked", "filled_in", "explained", "reclassified"], "same_class",
    )  # fmt: skip
    return rows.assign(is_late=rows["age_school_days"] > LATE_DAYS)


def by_school(rows: pd.DataFrame, overdue: pd.DataFrame) -> pd.DataFrame:
    """One row per school with any amendment: how many of each kind, how late, and reasons overdue."""
    was, became = rows["original_category"], rows["amended_category"]
    flags = {f"amendments_{name}": rows["change"] == name for name in CHANGES} | {
        "amendments_explained_late": (rows["change"] == "explained") & rows["is_late"],
        "present_to_absent": was.isin(ATTENDING) & became.isin(ABSENT),
        "absent_to_present": was.isin(ABSENT) & became.isin(ATTENDING),
        "unauthorised_to_authorised": (was == ABSENT[1]) & (became == ABSENT[0]),
    }
    ages = rows.groupby("urn")["age_school_days"]
    told = rows[["urn"]].assign(amendments=1, **flags).groupby("urn").sum()
    told["oldest_school_days"] = ages.max()
    told["median_school_days"] = ages.quantile(0.5, interpolation="lower")
    told["sessions_overdue"] = overdue.groupby("urn").size().reindex(told.index, fill_value=0)
    return told.reset_index()


def marts(rows: pd.DataFrame, overdue: pd.DataFrame) -> Iterator[tuple[str, list[str], list[str], pd.DataFrame]]:
    """mart, keys, columns and rows of the amendments and their summary."""
    yield "fct_register_amendments", ["enrolment_no", "session_date", "session", "night"], COLUMNS, rows
    yield "agg_register_amendments", ["urn"], SUMS, by_school(rows, overdue)
