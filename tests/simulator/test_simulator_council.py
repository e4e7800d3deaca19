"""The council's truth: the same for the same seed, apart from the registers' truth, and exported as its interface says."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rollcall.council import FEEDS
from simulator.faces.council import COLUMNS, NAMING, records_as_known, write_council
from simulator.truth import build
from simulator.truth.build import build_truth
from simulator.truth.store import Truth

EARLY, LATE = "2026-01-16", "2026-07-08"


@pytest.fixture(scope="module")
def truth(year_truth: Path) -> Truth:
    return Truth(year_truth)


def test_the_exports_have_the_columns_of_the_interface():
    for name, feed in FEEDS.items():
        assert [*(NAMING if feed.child != "none" else []), *COLUMNS[name]] == feed.stated


def test_persons_rolls_and_marks_are_the_same_without_the_council(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_truth: Truth
):
    monkeypatch.setattr(build, "build_council", lambda *_, **__: {})
    build_truth(tmp_path, limit=6, last_day="2025-09-26")
    names = ("persons", "pupils", "enrolments", "schools", "marks", "corrections", "school_days")
    changed = [
        name
        for name in names
        if (tmp_path / f"{name}.parquet").read_bytes() != (tiny_truth.folder / f"{name}.parquet").read_bytes()
    ]
    assert changed == []


def test_the_same_seed_gives_the_same_council(tmp_path: Path, tiny_truth: Truth):
    build_truth(tmp_path, limit=6, last_day="2025-09-26")
    tables = sorted((tiny_truth.folder / "council").glob("*.parquet"))
    assert len(tables) == len(FEEDS) + 1
    assert all((tmp_path / "council" / table.name).read_bytes() == table.read_bytes() for table in tables)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_code_in_an_export_is_one_of_the_interface(truth: Truth, feed: str):
    rows = records_as_known(truth, feed, LATE)
    assert len(rows) > 0
    for column in FEEDS[feed].columns:
        if column.values:
            words = {word for cell in rows[column.name].unique() for word in cell.split()}
            assert words <= set(column.values), column.name


@pytest.mark.parametrize("feed", FEEDS)
def test_no_evening_knows_of_a_later_day(truth: Truth, feed: str):
    rows = records_as_known(truth, feed, EARLY)
    happened = [name for name in COLUMNS[feed] if name in ("closed_date", "accepted_date", "paid_date", "done_date")]
    assert all((rows[name] <= EARLY).all() for name in [*happened, "known_on"])
    assert len(rows) <= len(records_as_known(truth, feed, LATE))


def test_every_row_about_a_child_names_one(truth: Truth):
    for feed in (name for name, feed in FEEDS.items() if feed.child == "needed"):
        rows = records_as_known(truth, feed, LATE)
        names = (rows[["surname", "forename", "date_of_birth"]] != "").all(axis=1)
        assert ((rows["la_child_id"] != "") | (rows["upn"] != "") | names).all(), feed


def test_a_child_is_never_truly_missing_while_on_a_roll(truth: Truth):
    missing = pd.read_parquet(truth.folder / "cme_truth.parquet").query("is_missing")
    assert len(missing) > 5
    stays = truth.enrolments[["person_no", "entry_date", "leaving_date"]]
    both = missing.merge(stays, on="person_no")
    until = both["until_date"].fillna(pd.Timestamp("2099-01-01"))
    left = both["leaving_date"].fillna(pd.Timestamp("2099-01-01"))
    overlap = (both["from_date"] <= left) & (both["entry_date"] < until)
    assert both[overlap].empty


def test_some_missing_children_have_no_case_and_some_cases_are_of_children_who_are_not_missing(truth: Truth):
    spells = pd.read_parquet(truth.folder / "cme_truth.parquet")
    cases = set(records_as_known(truth, "cme_cases", LATE)["person_no"])
    missing = set(spells.query("is_missing")["person_no"])
    assert missing - cases
    assert cases - missing
    assert missing & cases


def test_some_children_were_never_on_a_roll(truth: Truth):
    never = set(pd.read_parquet(truth.folder / "council" / "children_on_no_roll.parquet")["person_no"])
    assert never
    assert never.isdisjoint(truth.enrolments["person_no"])
    assert never <= set(pd.read_parquet(truth.folder / "council" / "children.parquet")["person_no"])


def test_an_evening_writes_every_feed_but_the_silent_one(truth: Truth, tmp_path: Path):
    log = write_council(truth, "2026-07-10", tmp_path)
    silent = [row["feed"] for row in log if row["defect"] == "silent"]
    assert silent == ["social_care"]
    written = {path.parent.name: path for path in tmp_path.rglob("*.csv")}
    assert set(written) == set(FEEDS) - set(silent)
    for feed, path in written.items():
        stated = json.loads(path.with_suffix(".control.json").read_text())
        assert (stated["feed"], stated["rows"]) == (feed, len(pd.read_csv(path, dtype=str)))
    assert (pd.read_csv(written["plans"], dtype=str)["start_date"] == "next week").sum() > 0
