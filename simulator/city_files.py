"""Reading a city folder: its schools, their rolls, and the sessions each of them declares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SCHOOL_COLUMNS = [
    "urn",
    "laestab",
    "name",
    "type",
    "type_group",
    "phase",
    "trust",
    "ward_code",
    "ward_name",
    "connector",
    "connection",
    "connector_settings",
    "link_officer",
    "sold_services",
    "open_date",
    "close_date",
]


def read_schools(folder: Path, limit: int | None = None) -> pd.DataFrame:
    """Schools of the folder with kind, roll, first_year and last_year; `limit` keeps a small mix of phases and
    connectors.
    """
    schools = pd.read_csv(folder / "schools.csv", dtype=str, keep_default_na=False)
    rolls = pd.read_csv(folder / "rolls.csv", dtype={"first_year": str, "last_year": str})
    schools["urn"] = schools["urn"].astype(int)
    schools = schools.merge(rolls, on="urn", validate="one_to_one")
    if limit is None or limit >= len(schools):
        return schools
    turn = schools.sort_values(["roll", "urn"]).groupby(["phase", "connector"]).cumcount()
    rank = schools["phase"].map({"secondary": 0, "primary": 1, "special": 2, "ap": 3, "nursery": 4, "independent": 5})
    order = pd.DataFrame({"turn": turn, "rank": rank, "urn": schools["urn"]}).sort_values(["turn", "rank", "urn"])
    return schools.loc[order.index[:limit]].sort_values("urn", ignore_index=True)


def school_days(folder: Path, urns: list[int], first_day: str, last_day: str) -> dict[int, np.ndarray]:
    """Days on which each school is open by its declared calendar, as sorted `datetime64[D]` arrays."""
    calendar = pd.read_csv(folder / "calendar.csv", dtype=str, keep_default_na=False)
    everyone = calendar[calendar["urn"] == "*"]
    span = np.arange(np.datetime64(first_day), np.datetime64(last_day) + 1)
    weekdays = span[np.is_busday(span)]
    default_open = _inside(weekdays, everyone[everyone["kind"] == "term"])
    default_closed = _inside(weekdays, everyone[everyone["kind"] == "closed"])
    own = {int(urn): rows for urn, rows in calendar[calendar["urn"] != "*"].groupby("urn")}
    days: dict[int, np.ndarray] = {}
    for urn in urns:
        is_open, is_closed = default_open, default_closed
        if urn in own:
            terms = own[urn][own[urn]["kind"] == "term"]
            if len(terms):
                is_open = _inside(weekdays, terms)
            is_closed = is_closed | _inside(weekdays, own[urn][own[urn]["kind"] == "closed"])
        days[urn] = weekdays[is_open & ~is_closed]
    return days


def _inside(days: np.ndarray, ranges: pd.DataFrame) -> np.ndarray:
    inside = np.zeros(len(days), dtype=bool)
    for first, last in zip(ranges["first_day"], ranges["last_day"], strict=True):
        inside |= (days >= np.datetime64(first)) & (days <= np.datetime64(last))
    return inside
