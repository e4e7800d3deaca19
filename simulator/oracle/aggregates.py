"""Sums over schools: by school, phase, city, area and group of children."""

from __future__ import annotations

import duckdb
import pandas as pd

from simulator.oracle import care
from simulator.oracle.codes import ABSENCES, ATTENDED, CATEGORIES
from simulator.oracle.counting import COUNTS, PERIOD
from simulator.oracle.groups import CROSSES, DIMENSIONS, PHASE_NAMES
from simulator.oracle.thresholds import PERSISTENT, SEVERE, reaches

TALLIES = ["enrolments", "enrolments_persistently_absent", "enrolments_severely_absent"]
DFE_TALLIES = [f"dfe_{name}" for name in TALLIES]
DFE = [*DFE_TALLIES, "dfe_sessions_possible", "dfe_sessions_absent"]
CHILDREN = ["children", "children_persistently_absent", "children_severely_absent"]
RATES = {
    "absence_rate": ("sessions_absent", "sessions_possible"),
    "authorised_rate": ("sessions_authorised", "sessions_possible"),
    "unauthorised_rate": ("sessions_unauthorised", "sessions_possible"),
    "attendance_rate": ("sessions_attended", "sessions_possible"),
    "persistent_rate": ("enrolments_persistently_absent", "enrolments"),
    "severe_rate": ("enrolments_severely_absent", "enrolments"),
    "dfe_absence_rate": ("dfe_sessions_absent", "dfe_sessions_possible"),
    "dfe_persistent_rate": ("dfe_enrolments_persistently_absent", "dfe_enrolments"),
    "dfe_severe_rate": ("dfe_enrolments_severely_absent", "dfe_enrolments"),
    "coverage_rate": ("sessions_known", "sessions_expected"),
    "children_persistent_rate": ("children_persistently_absent", "children"),
    "children_severe_rate": ("children_severely_absent", "children"),
}
WITHOUT_TALLIES = ("week", "month")


def tallied(rows: pd.DataFrame, prefix: str = "", unit: str = "enrolments") -> pd.DataFrame:
    """Add to rows with `{prefix}sessions_possible` and `_absent` what each adds to the three tallies."""
    possible, absent = rows[f"{prefix}sessions_possible"], rows[f"{prefix}sessions_absent"]
    return rows.assign(**{
        f"{prefix}{unit}": (possible > 0).astype(int),
        f"{prefix}{unit}_persistently_absent": reaches(absent, possible, PERSISTENT).astype(int),
        f"{prefix}{unit}_severely_absent": reaches(absent, possible, SEVERE).astype(int),
    })  # fmt: skip


def school_reach(db: duckdb.DuckDBPyConnection, schools: pd.DataFrame, night: str) -> pd.DataFrame:
    """urn, period, last_school_day, is_expected, is_in: whether the school spoke on its latest day of the period."""
    rows = db.execute(
        """with days as (
            select d.urn, period_type, period_name, max(d.session_date) as last_school_day,
                min(date_trunc('week', d.session_date))::timestamp as first_declared_week
            from school_days d join week_periods p on p.week = date_trunc('week', d.session_date)
            where d.session_date <= $night::date and period_type <> 'rolling' group by all),
        spoken as (select distinct r.urn, k.session_date from known k join rolls r using (enrolment_no)
            where k.code is not null)
        select days.*, s.urn is not null as has_spoken from days
        left join spoken s on s.urn = days.urn and s.session_date = last_school_day""", {"night": night}).df()  # fmt: skip
    asked = schools["phase"].ne("independent") | ~schools["connector"].isin(["", "none"])
    rows["is_expected"] = rows["urn"].isin(schools.loc[asked, "urn"])
    rows["is_in"] = rows["is_expected"] & rows["has_spoken"]
    return rows.drop(columns="has_spoken")


def by_school(enrolments: pd.DataFrame, dfe: pd.DataFrame, reach: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """One row per school and period; `enrolments` are the counts by enrolment and every period but the rolling one,
    `months` says which month each week counts in.
    """
    rows = tallied(enrolments)
    grouped = rows.groupby(["urn", *PERIOD], as_index=False)
    joined = grouped[[*COUNTS, *TALLIES]].sum().merge(grouped["first_week"].min(), on=["urn", *PERIOD])
    # A month has the enrolments of its fullest week.
    weeks = joined[joined["period_type"] == "week"][["urn", "period_name", "enrolments"]].merge(
        months, on="period_name"
    )
    fullest = weeks.groupby(["urn", "month"])["enrolments"].max().reset_index(name="fullest")
    joined = joined.merge(fullest, left_on=["urn", "period_name"], right_on=["urn", "month"], how="left")
    joined["enrolments"] = joined["fullest"].fillna(joined["enrolments"])
    own = dfe.groupby(["urn", *PERIOD], as_index=False)[DFE].sum()
    joined = joined.drop(columns=["fullest", "month"]).merge(own, on=["urn", *PERIOD], how="left")
    joined[DFE] = joined[DFE].fillna(0)
    # A school of which nobody ever heard has a row too: no session is expected of anybody, who is absent is unknown.
    joined = joined.merge(reach, on=["urn", *PERIOD], how="outer")
    numbers = [*COUNTS, "enrolments"]
    joined[numbers] = joined[numbers].fillna(0)
    joined["first_week"] = joined["first_week"].fillna(joined["first_declared_week"])
    return joined


def finished(rows: pd.DataFrame) -> pd.DataFrame:
    """Known sessions and rates added; tallies blanked where the period has none."""
    rows = rows.assign(sessions_known=rows["sessions_expected"] - rows["sessions_unknown"])
    brief = rows["period_type"].isin(WITHOUT_TALLIES)
    for name in [*TALLIES[1:], *DFE, *CHILDREN]:
        if name in rows:
            rows[name] = rows[name].astype(float).where(~brief)
    for name, (above, below) in RATES.items():
        if above in rows and below in rows:
            rows[name] = (rows[above] / rows[below]).where(rows[below] > 0)
    return rows


def summed(schools: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """School rows summed to areas named by `keys`."""
    grouped = schools.groupby([*keys, *PERIOD], as_index=False)
    rows = grouped[[*COUNTS, *TALLIES, *DFE]].sum()
    reach = grouped.agg(
        schools_in=("is_in", "sum"), schools_expected=("is_expected", "sum"),
        schools_settled=("is_settled", "sum"),
        first_week=("first_week", "min"), last_school_day=("last_school_day", "max"),
    )  # fmt: skip
    return rows.merge(reach, on=[*keys, *PERIOD])


def children_tallied(enrolments: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Children by `keys` and period, each once over its enrolments there."""
    pooled = enrolments.groupby([*keys, "person_no", *PERIOD], as_index=False)[
        ["sessions_possible", "sessions_absent"]
    ].sum()
    return tallied(pooled, unit="children").groupby([*keys, *PERIOD], as_index=False)[CHILDREN].sum()


def code_shares(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per phase, and for the city, and code of the year to date, with its share of the possible sessions."""
    used = db.execute(
        """with used as (
            select enrolment_no, code, sum(n)::bigint as sessions from week_codes
            where week in (select week from week_periods where period_type = 'year') group by all)
        select phase, code, sum(sessions)::bigint as sessions from used join rolls using (enrolment_no) group by all"""
    ).df()
    used["area"] = used["phase"].map(PHASE_NAMES)
    parts = [used, used.assign(area="City")]
    rows = pd.concat(parts).groupby(["area", "code"], as_index=False)["sessions"].sum()
    is_possible = rows["code"].isin([*ATTENDED, *ABSENCES])
    possible = rows[is_possible].groupby("area")["sessions"].sum()
    rows["sessions_possible"] = rows["area"].map(possible).fillna(0)
    rows["category"] = rows["code"].map(CATEGORIES)
    share = rows["sessions"] / rows["sessions_possible"]
    return rows.assign(share_of_possible=share.where(is_possible & (rows["sessions_possible"] > 0)))


GROUP_COUNTS = [f"sessions_{name}" for name in care.COUNTED]


def by_group(
    enrolments: pd.DataFrame,
    dfe: pd.DataFrame,
    named: pd.DataFrame,
    cared: dict[str, pd.DataFrame],
    areas: pd.DataFrame,
) -> pd.DataFrame:
    """Every area, dimension, group and period: terms and year by one dimension, the year by two also.

    `named` says each enrolment's groups, `cared` holds the counts by each status that changes within a period: there a
    session counts in the group of its week, the enrolment as one in that of its last week.
    """
    rows = tallied(enrolments[enrolments["period_type"].isin(["year", "term"])])
    rows = rows.merge(dfe[["enrolment_no", *PERIOD, *DFE_TALLIES]], on=["enrolment_no", *PERIOD], how="left")
    rows[DFE_TALLIES] = rows[DFE_TALLIES].fillna(0)
    tallies = [*TALLIES, *DFE_TALLIES]
    once = rows[["enrolment_no", *PERIOD, *tallies]]
    # words as numbers: each dimension is one more pass over every row
    named = named.astype({name: "category" for name in named if name != "enrolment_no"})
    rows = rows.merge(named, on="enrolment_no")
    by_week = {}
    for status, counts in cared.items():
        beside = {column for columns in CROSSES.values() if status in columns for column in columns} - {status}
        own = counts.merge(once, on=["enrolment_no", *PERIOD]).merge(
            named[["enrolment_no", *sorted(beside)]], on="enrolment_no"
        )
        own[tallies] = own[tallies].where(own["is_last"], 0)
        by_week[status] = own
    parts = []
    for name, columns in {**DIMENSIONS, **CROSSES}.items():
        some = next((by_week[column] for column in columns if column in by_week), rows)
        some = some if len(columns) == 1 else some[some["period_type"] == "year"]
        sums = some.groupby(["urn", *columns, *PERIOD], as_index=False, observed=True)[[*GROUP_COUNTS, *tallies]].sum()
        group = sums[columns[0]].astype(str)
        group = group if len(columns) == 1 else group + ", " + sums[columns[1]].astype(str)
        parts.append(sums.drop(columns=columns).assign(dimension=name, group_name=group, schools=1))
    schools = pd.concat(parts).merge(areas, on="urn")
    keys = ["area_type", "area", "dimension", "group_name", *PERIOD]
    return finished(schools.groupby(keys, as_index=False)[["schools", *GROUP_COUNTS, *tallies]].sum())


def weekly_groups(
    db: duckdb.DuckDBPyConnection, named: pd.DataFrame, areas: pd.DataFrame, by_period: pd.DataFrame
) -> pd.DataFrame:
    """City and phases by every dimension but the LSOA, each week: sessions and rates; `schools` are those of the year."""
    db.register("named", named)
    db.register("wide", areas[areas["area_type"].isin(["city", "phase"])])
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in GROUP_COUNTS)
    parts = []
    for name, columns in DIMENSIONS.items():
        if name == "LSOA":
            continue
        kept = "held h using (enrolment_no, week)" if columns[0] in care.STATUSES else "named h using (enrolment_no)"
        parts.append(
            db.execute(
                f"""select area_type, area, '{name}' as dimension, h.{columns[0]} as group_name, 'week' as period_type,
                    strftime(week, '%Y-%m-%d') as period_name, {sums},
                    count(*) filter (sessions_possible > 0) as enrolments
                from weeks join rolls r using (enrolment_no) join {kept} join wide a on a.urn = r.urn
                where week in (select week from week_periods where period_type = 'week') group by all"""
            ).df()
        )
    keys = ["area_type", "area", "dimension", "group_name"]
    year = by_period.loc[by_period["period_type"] == "year", [*keys, "schools"]]
    rows = pd.concat(parts).merge(year, on=keys)
    return finished(rows.reindex(columns=[*rows.columns, *TALLIES[1:], *DFE_TALLIES]))


def school_areas(schools: pd.DataFrame) -> pd.DataFrame:
    """urn, area_type, area: every area a school belongs to."""
    columns = {
        "city": pd.Series("City", index=schools.index), "phase": schools["phase"].map(PHASE_NAMES),
        "type": schools["type_group"], "trust": schools["trust"].replace("", "none"), "ward": schools["ward_name"],
        "link officer": schools["link_officer"], "school": schools["urn"].astype(str),
    }  # fmt: skip
    parts = [pd.DataFrame({"urn": schools["urn"], "area_type": name, "area": area}) for name, area in columns.items()]
    return pd.concat(parts, ignore_index=True)
