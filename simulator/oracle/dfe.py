"""DfE's cohort, and the bridge from the city's figure by child to the figure as DfE publishes it."""

from __future__ import annotations

import duckdb
import pandas as pd

from simulator.oracle.aggregates import tallied
from simulator.oracle.counting import PERIOD
from simulator.oracle.groups import COHORT_PHASES, PHASE_NAMES, age_on_31_august

MIN_SCHOOL_ENROLMENTS = 6


def dfe_enrolments(db: duckdb.DuckDBPyConnection, rolls: pd.DataFrame, year: int) -> pd.DataFrame:
    """enrolment_no, urn, period, dfe_sessions_*, tallies, first_joined_last: the cohort as DfE counts it.

    The last half term of those aged fifteen is out. Who joined in the last half term is out of the year; schools of
    fewer than six are out of the period.
    """
    last = db.execute(
        "select arg_max(period_name, first_day), max(first_day) from periods where period_type = 'half_term'"
    )
    name, begins = last.fetchall()[0]
    own = rolls[rolls["is_dfe_cohort"]][["enrolment_no", "urn", "entry_date", "date_of_birth"]].copy()
    own["is_fifteen"] = age_on_31_august(own["date_of_birth"], year) == 15
    own["joined_last"] = pd.to_datetime(own["entry_date"]) >= pd.Timestamp(begins)
    db.register("cohort", own)
    rows = db.execute(
        """select enrolment_no, c.urn, joined_last, p.period_type, p.period_name,
            sum(w.sessions_possible)::bigint as dfe_sessions_possible, sum(w.sessions_absent)::bigint as dfe_sessions_absent
        from weeks w join cohort c using (enrolment_no) join week_periods p using (week)
        join week_periods h on h.week = w.week and h.period_type = 'half_term'
        where not (is_fifteen and h.period_name = $name) and p.period_type in ('year', 'term', 'half_term')
        group by all""", {"name": name}).df()  # fmt: skip
    return tallied(rows, "dfe_")


def published_cohort(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `dfe_enrolments`, those in the published figure."""
    rows = rows[~((rows["period_type"] == "year") & rows["joined_last"])]
    size = rows.groupby(["urn", *PERIOD])["dfe_enrolments"].transform("sum")
    return rows[size >= MIN_SCHOOL_ENROLMENTS]


BESIDE = {
    "overall": ("absent", "possible"), "authorised": ("authorised", "possible"),
    "unauthorised": ("unauthorised", "possible"), "persistent": ("persistent", "enrolments"),
    "severe": ("severe", "census_enrolments"),
}  # fmt: skip
PUBLISHED_AREAS = ("Derby", "East Midlands", "England")


def beside_published(db: duckdb.DuckDBPyConnection, published: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """One row per area of schools, phase, measure and published area: the year to date as DfE's daily series counts, and
    severe absence as its census does; `published` are the rows of `published_cohort`, the table `cohort` stands.
    """
    daily = db.execute(
        """select enrolment_no, c.urn, sum(w.sessions_possible)::bigint as possible,
            sum(w.sessions_absent)::bigint as absent, sum(w.sessions_authorised)::bigint as authorised,
            sum(w.sessions_unauthorised)::bigint as unauthorised
        from weeks w join cohort c using (enrolment_no) join week_periods y on y.week = w.week and y.period_type = 'year'
        join week_periods h on h.week = w.week and h.period_type = 'half_term'
        where not (is_fifteen and h.period_name = (select arg_max(period_name, first_day) from periods
            where period_type = 'half_term')) group by all"""
    ).df()
    counts = tallied(daily.rename(columns={"possible": "sessions_possible", "absent": "sessions_absent"}))
    counts = counts.rename(columns={"sessions_possible": "possible", "sessions_absent": "absent",
                                    "enrolments_persistently_absent": "persistent"})  # fmt: skip
    counts = counts.drop(columns="enrolments_severely_absent")
    year = published[published["period_type"] == "year"]
    census = year.set_index("enrolment_no")[["dfe_enrolments", "dfe_enrolments_severely_absent"]]
    counts = counts.join(census.set_axis(["census_enrolments", "severe"], axis=1), on="enrolment_no").fillna(0)
    schools = counts.drop(columns="enrolment_no").groupby("urn", as_index=False).sum()
    schools["schools"] = (schools["enrolments"] > 0).astype(int)
    phases = db.execute("select urn, phase from schools").df()
    schools["dfe_phase"] = schools["urn"].map(phases.set_index("urn")["phase"].map(PHASE_NAMES))
    placed = schools.merge(areas, on="urn").drop(columns="urn")
    placed = pd.concat([placed, placed[placed["area_type"] == "city"].assign(dfe_phase="Total")])
    keys = ["area_type", "area", "dfe_phase"]
    sums = placed.groupby(keys, as_index=False).sum()
    parts = [
        sums[[*keys, "schools"]].assign(
            measure=measure, published_area=area, numerator=sums[above], denominator=sums[below]
        )
        for measure, (above, below) in BESIDE.items()
        for area in PUBLISHED_AREAS
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(rate=(rows["numerator"] / rows["denominator"]).where(rows["denominator"] > 0))


MEASURES = {
    "population": "enrolments", "persistent": "enrolments_persistently_absent",
    "severe": "enrolments_severely_absent", "sessions_possible": "sessions_possible",
    "sessions_absent": "sessions_absent",
}  # fmt: skip


def bridge(enrolments: pd.DataFrame, dfe: pd.DataFrame, rolls: pd.DataFrame, year: int) -> pd.DataFrame:
    """step_no, measure, value, change: `enrolments` are the counts of every period, `dfe` those of `dfe_enrolments`."""
    year_rows = enrolments[enrolments["period_type"] == "year"]
    own = tallied(year_rows).merge(rolls[["enrolment_no", "phase", "is_boarder", "date_of_birth"]], on="enrolment_no")
    pooled = year_rows.groupby("person_no", as_index=False)[["sessions_possible", "sessions_absent"]].sum()
    adjusted = dfe[dfe["period_type"] == "year"].rename(columns=lambda name: name.removeprefix("dfe_"))
    state = own[own["phase"].isin(COHORT_PHASES)]
    day = state[~state["is_boarder"].astype(bool)]
    aged = day[age_on_31_august(day["date_of_birth"], year).between(5, 15)]
    stayed = adjusted[~adjusted["joined_last"]]
    published = published_cohort(dfe[dfe["period_type"] == "year"]).rename(
        columns=lambda name: name.removeprefix("dfe_")
    )
    steps = [tallied(pooled), own, state, day, aged, adjusted, stayed, published, published]
    rows = []
    for number, frame in enumerate(steps):
        for measure, column in MEASURES.items():
            value = int(frame[column].sum())
            before = next(
                (row["value"] for row in rows if row["step_no"] == number - 1 and row["measure"] == measure), None
            )
            rows.append({"step_no": number, "measure": measure, "value": value,
                         "change": None if before is None else value - before})  # fmt: skip
    return pd.DataFrame(rows)
