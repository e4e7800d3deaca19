"""The seed of published reasons is DfE's file, and the page shows the seed."""

from __future__ import annotations

import csv
from pathlib import Path

from rollcall.report.parts.reasons import read_code_shares
from tests.report.published import AREAS, published_reasons, reasons_of_file

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "dfe_code_shares.csv"


def test_the_seed_is_the_published_file():
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seed = {
        (row["area"], row["dfe_phase"], row["code"]): (int(row["sessions"]), int(row["sessions_possible"]))
        for row in rows
    }
    assert len(seed) == len(rows) == 276
    published = {
        (area, phase, code): (sessions, possible)
        for (area, phase), (possible, codes) in reasons_of_file().items()
        for code, sessions in codes.items()
    }
    assert {row["area"] for row in rows} == set(AREAS)
    assert seed == published


def test_a_year_that_nobody_published_has_nothing():
    assert read_code_shares("2019/20") == {}
    shares = read_code_shares("2025/26")
    assert {area: shares[area, "I"] for area in ("Derby", "England")} == {
        area: (codes["I"], whole) for area, (whole, codes) in published_reasons().items()
    }
