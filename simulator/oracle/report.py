"""Every measure computed from the truth and laid beside the marts: one comparison a mart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.oracle.compare import Comparison, compare
from simulator.oracle.delivered import CITY
from simulator.oracle.expected import counted, expected
from simulator.oracle.published import Marts
from simulator.truth.store import Truth


def weekdays_after(history_until: str, night: str) -> list[str]:
    """The nights run when none is named: every weekday after the history load, up to `night`."""
    span = pd.bdate_range(pd.Timestamp(history_until) + pd.Timedelta(days=1), night)
    return [day.date().isoformat() for day in span]


def verify(
    folder: Path,
    dsn: str,
    night: str,
    history_until: str,
    nights: list[str] | None = None,
    schema: str = "marts",
    reports: str = "reports",
    city: Path = CITY,
) -> dict[str, Any]:
    """Compare every mart row by row; `mismatches` counts rows that differ, are missing or are too many, and children
    linked wrongly. A mart that the schema does not hold is one mismatch.
    """
    import psycopg

    truth = Truth(folder)
    db = counted(truth, night, weekdays_after(history_until, night) if nights is None else nights, history_until, city)
    parts = []
    with psycopg.connect(dsn) as connection:
        marts = Marts(connection, db.execute("select * from rolls").df(), schema, reports)
        torn = marts.torn()
        first = [f"person_id {row.person_id} is truth person {row.person_no}" for row in torn.head(10).itertuples()]
        parts.append(Comparison("links", len(marts.links), len(marts.links), len(torn), first))
        began = time.perf_counter()
        for one in expected(db, night):
            if marts.has(one.mart):
                part = compare(one.mart, one.rows, marts.rows(one.mart), one.keys, one.columns)
            else:
                part = Comparison(one.mart, 0, 0, 1, [f"{schema} has no such mart"])
            part.seconds, began = time.perf_counter() - began, time.perf_counter()
            parts.append(part)
    return {
        "night": night,
        "mismatches": sum(part.mismatches for part in parts),
        "parts": {part.mart: part for part in parts},
    }


def lines(result: dict[str, Any]) -> Iterator[str]:
    """The result as text, a line a mart."""
    for part in result["parts"].values():
        yield (
            f"{part.mart}: rows compared {part.rows:,}, cells {part.cells:,}, mismatches {part.mismatches:,}"
            f"  {part.seconds:.1f} s"
        )
        yield from (f"  {line}" for line in part.first)
