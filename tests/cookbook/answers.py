"""The cookbook's twenty answers, computed from the simulator's truth as it was delivered; no query of a mart among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pandas as pd

from rollcall.settings import PROJECT_ROOT

Rows = list[tuple[Any, ...]]
SEEDS: Final = PROJECT_ROOT / "dbt_project" / "seeds"
WEEKDAYS: Final = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays")


@dataclass(frozen=True)
class Computed:
    """What the independent computation found: the rows that each mart should have, the schools, who was not in."""

    marts: dict[str, pd.DataFrame]
    schools: pd.DataFrame
    not_in: dict[int, str]

    def year(self, mart: str) -> pd.DataFrame:
        """The rows of the year to date."""
        rows = self.marts[mart]
        return rows[rows["period_type"] == "year"]

    def group(self, dimension: str) -> pd.DataFrame:
        """The city's groups of a dimension, year to date."""
        rows = self.year("agg_group_absence")
        return rows[(rows["area_type"] == "city") & (rows["dimension"] == dimension)]


def share(part: Any, whole: Any, per: int = 100) -> Decimal:
    """A share to two decimals, half up, from whole numbers."""
    return (Decimal(per) * int(part) / int(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def table(rows: pd.DataFrame, *columns: str | Callable[[Any], Any]) -> Rows:
    """Rows as tuples of the columns named, or of what a function makes of a row; whole floats as whole numbers."""
    return [
        tuple(_plain(one(row) if callable(one) else getattr(row, one)) for one in columns) for row in rows.itertuples()
    ]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if hasattr(value, "item"):
        value = value.item()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def of(part: str, whole: str) -> Callable[[Any], Decimal]:
    """A share of two columns of a row."""
    return lambda row: share(getattr(row, part), getattr(row, whole))


ABSENCE: Final = of("sessions_absent", "sessions_possible")
KNOWN: Final = of("sessions_known", "sessions_expected")
PERSISTENT: Final = of("enrolments_persistently_absent", "enrolments")


def _sorted(rows: Rows, key: Callable[[tuple[Any, ...]], Any]) -> Rows:
    return sorted(rows, key=key)


def how_high(found: Computed) -> Rows:
    sessions = ("sessions_absent", "sessions_possible", ABSENCE, "sessions_known", "sessions_expected", KNOWN)
    return table(found.year("agg_city_absence"), *sessions, "schools_in", "schools_expected")


def by_week(found: Computed) -> Rows:
    rows = found.marts["agg_city_absence"]
    rows = rows[(rows["period_type"] == "week") & (rows["sessions_possible"] > 0)].sort_values("period_name")
    return table(rows, "first_week", "sessions_absent", "sessions_possible", ABSENCE, KNOWN)


def beside_england(found: Computed) -> Rows:
    published = pd.read_csv(SEEDS / "dfe_benchmarks.csv")
    published = published[(published["area"] == "England") & (published["measure"] == "persistent")]
    newest = published.sort_values("academic_year").groupby("dfe_phase").last()
    rows = found.marts["rpt_beside_published"]
    rows = rows[
        (rows["area_type"] == "city")
        & (rows["measure"] == "persistent")
        & (rows["published_area"] == "England")
        & (rows["dfe_phase"] != "Total")
    ].sort_values("dfe_phase")
    return table(
        rows,
        "dfe_phase",
        "numerator",
        "denominator",
        of("numerator", "denominator"),
        lambda row: Decimal(str(newest.at[row.dfe_phase, "value_pct"])),
        lambda row: newest.at[row.dfe_phase, "academic_year"] == "2025/26",
    )


def by_trust(found: Computed) -> Rows:
    rows = found.year("agg_area_absence")
    rows = rows[(rows["area_type"] == "trust") & (rows["sessions_possible"] > 0)]
    unauthorised = of("sessions_unauthorised", "sessions_possible")
    told = table(
        rows, "area", "sessions_unauthorised", "sessions_possible", unauthorised, "schools_in", "schools_expected"
    )
    return _sorted(told, lambda row: (-row[1] / row[2], row[0]))


def children(found: Computed) -> Rows:
    rows = found.year("fct_child_absence")
    counted = rows["sessions_possible"] > 0
    return [(int(counted.sum()), int(rows["is_persistently_absent"].sum()), int(rows["is_severely_absent"].sum()))]


def severe_by_school(found: Computed) -> Rows:
    rows = found.year("agg_school_absence").merge(found.schools[["urn", "name"]], on="urn")
    rows = rows[rows["enrolments_severely_absent"] > 0].sort_values(
        ["enrolments_severely_absent", "urn"], ascending=[False, True]
    )
    severe = of("enrolments_severely_absent", "enrolments")
    return table(rows.head(10), "name", "dfe_phase", "enrolments_severely_absent", "enrolments", severe, KNOWN)


def near_the_threshold(found: Computed) -> Rows:
    rows = found.marts["fct_sessions_to_threshold"]
    rows = rows[~rows["is_persistently_absent"].astype(bool) & rows["further_absences_to_persistent"].between(1, 4)]
    columns = ("urn", "sessions_absent", "sessions_possible", "further_absences_to_persistent")
    return sorted(table(rows, *columns))


def recoverable(found: Computed) -> Rows:
    rows = found.marts["fct_sessions_to_threshold"]
    rows = rows[rows["is_persistently_absent"].astype(bool)]
    grouped = rows.groupby("urn").agg(all=("urn", "size"), can=("is_recoverable_by_half_term", "sum")).reset_index()
    return table(grouped, "urn", "all", "can")


def meals(found: Computed) -> Rows:
    rows = found.group("free school meals").sort_values("group_name")
    known = rows.assign(sessions_known=rows["sessions_expected"] - rows["sessions_unknown"])
    return table(known, "group_name", "enrolments_persistently_absent", "enrolments", PERSISTENT, ABSENCE, KNOWN)


def homes(found: Computed) -> Rows:
    rows = found.group("ward of residence")
    rows = rows[rows["enrolments"] > 0]
    told = table(rows, "group_name", "enrolments_persistently_absent", "enrolments", PERSISTENT)
    return _sorted(told, lambda row: (-row[1] / row[2], row[0]))


def year_and_sex(found: Computed) -> Rows:
    rows = found.group("year group × sex")
    told = table(rows[rows["sessions_possible"] > 0], "group_name", "sessions_absent", "sessions_possible", ABSENCE)
    return _sorted(told, lambda row: (-row[1] / row[2], row[0]))[:10]


def looked_after(found: Computed) -> Rows:
    rows = found.group("looked after").sort_values("group_name")
    sessions = ("sessions_absent", "sessions_possible", ABSENCE)
    return table(rows, "group_name", *sessions, "enrolments_persistently_absent", "enrolments")


def reasons(found: Computed) -> Rows:
    names = pd.read_csv(SEEDS / "attendance_codes.csv", keep_default_na=False).set_index("code")["name"]
    rows = found.marts["agg_code_shares"]
    rows = rows[(rows["area"] == "City") & rows["category"].isin(["absent_authorised", "absent_unauthorised"])]
    told = table(
        rows,
        "code",
        lambda row: names[row.code],
        "sessions",
        "sessions_possible",
        lambda row: share(row.sessions, row.sessions_possible, 1000),
    )
    return _sorted(told, lambda row: (-row[2], row[0]))


def weekdays(found: Computed) -> Rows:
    rows = found.marts["agg_school_patterns"]
    sums = [(int(rows[f"{day}_absent"].sum()), int(rows[f"{day}_possible"].sum())) for day in WEEKDAYS]
    return [(number, *pair, share(*pair)) for number, pair in enumerate(sums, start=1)]


def movers(found: Computed) -> Rows:
    rows = found.marts["rpt_movers"].groupby(["band_before", "band_now"]).size().reset_index(name="children")
    return table(rows, "band_before", "band_now", "children")


def penalty(found: Computed) -> Rows:
    rows = found.marts["fct_penalty_threshold"]
    rows = rows[rows["is_open"].astype(bool)]
    certain = rows[~rows["is_provisional"].astype(bool)]
    across = rows[rows["is_across_schools"].astype(bool)]
    return [tuple(one["person_no"].nunique() for one in (rows, certain, across))]


def part_time(found: Computed) -> Rows:
    rows = found.marts["fct_part_time"]
    without, past_end = rows["sessions_without_plan"] > 0, rows["sessions_past_end"] > 0
    overdue = rows["is_review_overdue"].fillna(False).astype(bool)
    rows = rows.assign(without=without, past_end=past_end, overdue=overdue)[without | past_end | overdue]
    grouped = rows.groupby("urn").agg(
        all=("urn", "size"), without=("without", "sum"), past_end=("past_end", "sum"), overdue=("overdue", "sum")
    )
    return table(grouped.reset_index(), "urn", "all", "without", "past_end", "overdue")


def returns(found: Computed) -> Rows:
    rows = found.marts["fct_return_timeliness"]
    rows = rows.assign(missing=rows["timeliness"] == "missing")
    grouped = rows.groupby(["urn", "return_type"]).agg(
        due=("urn", "size"), missing=("missing", "sum"), longest=("days_late", "max")
    )
    grouped = grouped[grouped["missing"] > 0].reset_index().sort_values(["urn", "return_type"])
    return table(grouped, "urn", "return_type", "due", "missing", "longest")


def not_in(found: Computed) -> Rows:
    names = found.schools.set_index("urn")["name"]
    return [(urn, names[urn], status) for urn, status in sorted(found.not_in.items())]


def settled(found: Computed) -> Rows:
    rows = found.marts["fct_settlement"].sort_values("urn")
    columns = ("settled_after_school_days", "settled_until", "is_own_history", "late_changes_per_100000")
    return table(rows, "urn", *columns)


ANSWERS: Final[Sequence[Callable[[Computed], Rows]]] = (
    how_high, by_week, beside_england, by_trust, children, severe_by_school, near_the_threshold, recoverable, meals, homes,
    year_and_sex, looked_after, reasons, weekdays, movers, penalty, part_time, returns, not_in, settled,
)  # fmt: skip
"""Question 1 first."""
