"""What every mart should hold, computed from the truth as delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from simulator.oracle import (
    aggregates,
    amendments,
    care,
    council,
    dfe,
    groups,
    lists,
    provision,
    settlement,
    statutory,
    thresholds,
)
from simulator.oracle.counting import (
    COUNTS,
    PERIOD,
    city_periods,
    city_settings,
    code_counts,
    enrolment_periods,
    week_periods,
    weekly,
)
from simulator.oracle.delivered import CITY, city_schools, delivered
from simulator.truth.store import Truth

COUNTED = [*COUNTS, "sessions_known", *aggregates.TALLIES, *aggregates.DFE, "first_week", "last_school_day"]
SCHOOL_RATES = [name for name in aggregates.RATES if not name.startswith("children")]
CHILD_COLUMNS = [*aggregates.CHILDREN, "children_persistent_rate", "children_severe_rate"]
REACH = ["schools_in", "schools_expected", "schools_settled"]
GROUP_KEYS = ["area_type", "area", "dimension", "group_name", *PERIOD]


@dataclass(frozen=True)
class Expected:
    """What a mart should hold: its rows by `keys`, and the columns to compare."""

    mart: str
    keys: list[str]
    columns: list[str]
    rows: pd.DataFrame


def counted(
    truth: Truth, night: str, nights: list[str], history_until: str, city: Path = CITY
) -> duckdb.DuckDBPyConnection:
    """The delivered truth with `periods`, `week_periods`, the counted `weeks` and the rows of the council's feeds."""
    db = delivered(truth, night, nights, history_until, city)
    periods = city_periods(city / "settings.yml", night)
    for feed in council.FEEDS:
        db.register(feed, council.feed_rows(truth, feed, nights, history_until))
    db.register("city", pd.DataFrame([{"la_code": str(city_settings(city / "settings.yml")["la_code"])}]))
    db.register("schools", city_schools(truth, city))
    db.register("periods", periods)
    db.register("week_periods", week_periods(periods, night))
    weekly(db, night)
    before = pd.DataFrame({"person_no": pd.Series(dtype="int64"), "absence_band": pd.Series(dtype=str)})
    if nights:
        last = [history_until, *sorted(nights)][-2]
        before = bands(truth, last, sorted(nights)[:-1], history_until, city)
    db.register("bands_before", before)
    return db


def bands(truth: Truth, night: str, nights: list[str], history_until: str, city: Path) -> pd.DataFrame:
    """person_no, absence_band of the year to date: what the set of an earlier night showed."""
    with delivered(truth, night, nights, history_until, city) as db:
        periods = city_periods(city / "settings.yml", night)
        db.register("week_periods", week_periods(periods, night).query("period_type == 'year'"))
        weekly(db, night)
        pooled = enrolment_periods(db).groupby("person_no", as_index=False)[COUNTS].sum()
    return thresholds.with_flags(pooled)[["person_no", "absence_band"]]


def expected(db: duckdb.DuckDBPyConnection, night: str) -> Iterator[Expected]:
    """Every mart in turn, from a database of `counted`."""
    year = int(db.execute("select min(first_day) from periods").fetchall()[0][0].year)
    rolls = db.execute("select * from rolls").df()
    rolls["is_dfe_cohort"] = groups.cohort(rolls, year)
    counts = enrolment_periods(db)
    own = counts[~counts["period_type"].isin(aggregates.WITHOUT_TALLIES)]
    own = thresholds.with_flags(own).merge(rolls[["enrolment_no", "is_dfe_cohort"]], on="enrolment_no")
    flagged = [*COUNTS, *thresholds.FLAGS]
    yield Expected("fct_enrolment_absence", ["enrolment_no", *PERIOD], ["urn", *flagged], own)
    pooled = own.groupby(["person_no", *PERIOD], as_index=False)
    children = thresholds.with_flags(pooled[COUNTS].sum()).merge(pooled["is_dfe_cohort"].any())
    yield Expected("fct_child_absence", ["person_no", *PERIOD], flagged, children)
    codes = code_counts(db).merge(rolls[["enrolment_no", "person_no", "urn"]], on="enrolment_no")
    yield Expected("fct_enrolment_codes", ["enrolment_no", "code"], ["person_no", "urn", "sessions"], codes)
    left = thresholds.sessions_to_threshold(db, children[children["period_type"] == "year"], night)
    columns = ["enrolment_no", "urn", *thresholds.TO_THRESHOLD]
    yield Expected("fct_sessions_to_threshold", ["person_no"], columns, left)
    for mart, keys, told, rows in (
        *provision.marts(db, night, rolls, children),
        *lists.marts(db, night, rolls, children, own),
    ):
        yield Expected(mart, keys, told, rows)
    amended = amendments.amendments(db)
    settled = settlement.settlement(db, night, amended)
    yield Expected("fct_settlement", ["urn"], settlement.COLUMNS, settled)
    yield from _aggregates(db, night, counts[counts["period_type"] != "rolling"], rolls, year, settled)
    for mart, keys, told, rows in statutory.marts(db, night, amended):
        yield Expected(mart, keys, told, rows)


def _aggregates(
    db: duckdb.DuckDBPyConnection,
    night: str,
    counts: pd.DataFrame,
    rolls: pd.DataFrame,
    year: int,
    settled: pd.DataFrame,
) -> Iterator[Expected]:
    listed = db.execute("select * from schools").df()
    phases = listed.set_index("urn")["phase"].map(groups.PHASE_NAMES)
    cohort = dfe.dfe_enrolments(db, rolls, year)
    published = dfe.published_cohort(cohort)
    months = db.execute("""select m.period_name as month, w.period_name from week_periods m join week_periods w using (week)
        where m.period_type = 'month' and w.period_type = 'week'""").df()  # fmt: skip
    reach = aggregates.school_reach(db, listed, night)
    schools = aggregates.by_school(counts, published, reach, months)
    schools["dfe_phase"] = schools["urn"].map(phases)
    until = pd.to_datetime(schools["urn"].map(settled.set_index("urn")["settled_until"]))
    schools["is_settled"] = pd.to_datetime(schools["last_school_day"]) <= until
    columns = [*COUNTED, *SCHOOL_RATES]
    yield Expected("agg_school_absence", ["urn", *PERIOD], ["dfe_phase", *columns, "is_expected", "is_in", "is_settled"],
                   aggregates.finished(schools))  # fmt: skip
    whole = counts[~counts["period_type"].isin(aggregates.WITHOUT_TALLIES)].assign(
        dfe_phase=lambda rows: rows["urn"].map(phases)
    )
    for mart, keys in (("agg_phase_absence", ["dfe_phase"]), ("agg_city_absence", [])):
        children = aggregates.children_tallied(whole, keys)
        rows = aggregates.summed(schools, keys).merge(children, on=[*keys, *PERIOD], how="left")
        yield Expected(mart, [*keys, *PERIOD], [*columns, *CHILD_COLUMNS, *REACH], aggregates.finished(rows))
    areas = aggregates.school_areas(listed)
    named = areas[~areas["area_type"].isin(["city", "phase", "school"])]
    rows = aggregates.finished(aggregates.summed(schools.merge(named, on="urn"), ["area_type", "area"]))
    yield Expected("agg_area_absence", ["area_type", "area", *PERIOD], [*columns, *REACH], rows)
    la_code = str(db.execute("select la_code from city").fetchall()[0][0])
    homes = groups.residence(db.execute("select * from children").df(), la_code)
    care.hold(db)
    cared = {status: care.by_status(db, status) for status in care.STATUSES}
    told = ["category", "sessions", "sessions_possible", "share_of_possible"]
    yield Expected("agg_code_shares", ["area", "code"], told, aggregates.code_shares(db))
    named = groups.named_groups(rolls, homes)
    by_group = aggregates.by_group(counts, published, named, cared, areas)
    by_group = pd.concat([by_group, aggregates.weekly_groups(db, named, areas, by_group)], ignore_index=True)
    unpublished = {*GROUP_KEYS, "sessions_known", "authorised_rate"}
    told = [name for name in by_group if name not in unpublished]
    yield Expected("agg_group_absence", GROUP_KEYS, told, by_group)
    beside = dfe.beside_published(db, published, areas)
    keys = ["area_type", "area", "dfe_phase", "measure", "published_area"]
    yield Expected("rpt_beside_published", keys, ["schools", "numerator", "denominator", "rate"], beside)
    yield Expected("rpt_bridge", ["step_no", "measure"], ["value", "change"], dfe.bridge(counts, cohort, rolls, year))
