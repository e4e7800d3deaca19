"""Reasons as DfE published them, from its own file: nothing is shared with the seed that the page reads."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd

FILE = Path(__file__).parents[1] / "data" / "dfe_published" / "ytd_2025-26_wk28_pub2026-07-23.csv"
AREAS = ("Derby", "East Midlands", "England")
_CODE = re.compile(r"^reason_([a-z][0-9]?)_")


@cache
def reasons_of_file() -> dict[tuple[str, str], tuple[int, dict[str, int]]]:
    """(area, phase) -> possible sessions, and sessions by code; the present codes stand together as ``/\\``."""
    table = pd.read_csv(FILE, dtype=str)
    level = table["geographic_level"]
    table["area"] = table["la_name"].where(level == "Local authority", table["region_name"])
    table.loc[level == "National", "area"] = "England"
    found = {}
    for _, row in table[table["area"].isin(AREAS)].iterrows():
        codes = {match[1].upper(): int(row[name]) for name in table.columns if (match := _CODE.match(name))}
        found[row["area"], row["education_phase"]] = (
            int(row["possible_sessions"]),
            {**codes, "/\\": int(row["reason_present"])},
        )
    return found


def published_reasons() -> dict[str, tuple[int, dict[str, int]]]:
    """What the city report shows beside its own reasons: all phases of Derby and England."""
    return {area: reasons_of_file()[area, "Total"] for area in ("Derby", "England")}
