"""The seed of published reasons is DfE's file, and what is published is the seed."""

from __future__ import annotations

import csv
from pathlib import Path

from rollcall.report.parts.reasons import _note, _published
from tests.report.published import AREAS, reasons_of_file
from tests.tiny_city import TinyCity

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


def test_what_is_published_holds_the_seed(tiny_city: TinyCity):
    served = tiny_city.rows("select area, dfe_phase, code, sessions, sessions_possible from serve.dim_dfe_code_shares")
    expected = {
        (area, phase, code, sessions, possible)
        for (area, phase), (possible, codes) in reasons_of_file().items()
        for code, sessions in codes.items()
    }
    assert {tuple(row) for row in served} == expected
    assert len(served) == len(expected)


def test_a_year_that_nobody_published_says_so_and_shows_no_figure():
    note, cells = _note([]), _published([], ["I"], "I")
    assert "not held for this year" in note.html
    assert [cell.text for cell in cells] == ["x", "x"]
