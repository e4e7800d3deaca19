"""The truth is the same for the same seed, well formed, and can be read back as it was known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.city_files import school_days
from simulator.demo_city import DEMO_CITY, write_demo_city
from simulator.truth.build import build_truth
from simulator.truth.codes import CODES
from simulator.truth.spells import draw_spells
from simulator.truth.store import Truth, marks_as_known
from simulator.upn import check_letters

LAST_DAY = "2025-09-26"


@pytest.mark.parametrize(
    "upn",
    [
        "F831200025001",
        "B801200005001",
        "H831400025123",
        "P207000016049",
        "E83120002501A",
        "H801200001001",
        "G80120000101A",
    ],
)
def test_check_letters_agree_with_published_examples(upn: str) -> None:
    assert check_letters(np.array([upn[1:]]))[0] == upn[0]


def test_the_same_seed_gives_the_same_tables(tiny_truth: Truth, tmp_path: Path) -> None:
    build_truth(tmp_path, limit=6, last_day=LAST_DAY)
    for name in ("persons", "pupils", "enrolments", "marks", "corrections"):
        assert pq.read_table(tmp_path / f"{name}.parquet").equals(
            pq.read_table(tiny_truth.folder / f"{name}.parquet")
        ), name


def test_another_seed_gives_other_marks(tiny_truth: Truth, tmp_path: Path) -> None:
    build_truth(tmp_path, limit=6, last_day=LAST_DAY, seed=7)
    assert not pq.read_table(tmp_path / "marks.parquet").equals(pq.read_table(tiny_truth.folder / "marks.parquet"))


def test_every_upn_carries_its_check_letter_and_is_unique(tiny_truth: Truth) -> None:
    upns = pd.read_parquet(tiny_truth.folder / "persons.parquet")["upn"]
    held = upns[upns != ""]
    assert (check_letters(held.str[1:].to_numpy()) == held.str[0].to_numpy()).all()
    assert held.is_unique


def test_children_without_a_permanent_number_have_no_namesake_of_the_same_birth_date(tiny_truth: Truth) -> None:
    persons = pd.read_parquet(tiny_truth.folder / "persons.parquet")
    weak = persons[(persons["upn"] == "") | persons["is_temporary_upn"]]
    twins = persons[persons.duplicated(["surname", "forename", "date_of_birth"], keep=False)]
    assert len(weak) > 0
    assert not set(weak["person_no"]) & set(twins["person_no"])


def test_marks_lie_on_declared_days_inside_the_enrolment(tiny_truth: Truth) -> None:
    marks = pq.read_table(tiny_truth.folder / "marks.parquet").to_pandas()
    rolls = marks.merge(tiny_truth.enrolments[["enrolment_no", "urn", "entry_date", "leaving_date"]], on="enrolment_no")
    date = pd.to_datetime(rolls["session_date"])
    assert (date >= rolls["entry_date"]).all()
    assert (rolls["leaving_date"].isna() | (date <= rolls["leaving_date"])).all()
    days = school_days(DEMO_CITY, tiny_truth.schools["urn"].tolist(), "2025-09-01", LAST_DAY)
    for urn, part in rolls.groupby("urn"):
        assert set(pd.to_datetime(part["session_date"]).to_numpy().astype("datetime64[D]")) <= set(days[int(urn)])


def test_marks_use_only_statutory_codes_and_every_key_once(tiny_truth: Truth) -> None:
    marks = pq.read_table(tiny_truth.folder / "marks.parquet").to_pandas()
    assert set(marks["code"].dropna()) <= set(CODES)
    assert not marks.duplicated(["enrolment_no", "session_date", "half"]).any()


def test_a_corrected_mark_reads_as_first_written_before_and_as_corrected_after(tiny_truth: Truth) -> None:
    log = pq.read_table(tiny_truth.folder / "corrections.parquet").to_pandas()
    marks = pq.read_table(tiny_truth.folder / "marks.parquet").to_pandas()
    key = ["enrolment_no", "session_date", "half"]
    case = log.drop_duplicates(key, keep=False).iloc[0]
    before = case["corrected_on"] - pd.Timedelta(days=1)
    seen = {}
    for name, evening in (("before", before), ("after", case["corrected_on"])):
        known = marks_as_known(tiny_truth, str(evening), f"m.enrolment_no = {case['enrolment_no']}").to_pandas()
        known = known[
            (pd.to_datetime(known["session_date"]) == pd.Timestamp(case["session_date"]))
            & (known["half"] == case["half"])
        ]
        seen[name] = known["code"].iloc[0]
    blank_or = {None: None}.get(case["old_code"], case["old_code"])
    assert (pd.isna(seen["before"]) and pd.isna(blank_or)) or seen["before"] == blank_or
    assert seen["after"] == case["new_code"]
    assert len(marks) > len(log)


def test_once_all_corrections_are_in_the_marks_read_as_final(tiny_truth: Truth) -> None:
    final = (
        pq.read_table(tiny_truth.folder / "marks.parquet")
        .to_pandas()
        .sort_values(["enrolment_no", "session_date", "half"])
    )
    known = marks_as_known(tiny_truth, "2026-07-31").to_pandas().sort_values(["enrolment_no", "session_date", "half"])
    assert (final["code"].astype(object).fillna("-").to_numpy() == known["code"].fillna("-").to_numpy()).all()


def test_spells_fill_the_quota_exactly_without_overlap() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(20, 380, 500)
    quota = np.floor(size * rng.random(500) ** 3).astype(int)
    spells = draw_spells(quota, size, np.zeros(500, dtype=int), rng)
    assert (np.bincount(spells.owner, spells.length, minlength=500) == quota).all()
    same = spells.owner[1:] == spells.owner[:-1]
    assert (spells.start[1:] >= (spells.start + spells.length)[:-1])[same].all()
    assert (spells.start + spells.length <= size[spells.owner]).all()


def test_each_planted_correction_is_made_five_weeks_late_on_a_demo_night(year_truth: Path) -> None:
    planted = json.loads((year_truth / "scenario.json").read_text())["planted"]
    log = pq.read_table(year_truth / "corrections.parquet").to_pandas()
    assert {case["case"] for case in planted} == {
        "not_taken_to_illness",
        "unexplained_to_present",
        "unexplained_to_illness",
    }
    for case in planted:
        row = log[log["enrolment_no"] == case["enrolment_no"]]
        assert len(row) == 1
        assert row["corrected_on"].iloc[0] - row["session_date"].iloc[0] == pd.Timedelta(days=35)


def test_the_committed_demo_city_is_what_the_generator_writes(tmp_path: Path) -> None:
    write_demo_city(tmp_path)
    for name in ("schools.csv", "rolls.csv", "calendar.csv"):
        assert (tmp_path / name).read_text() == (DEMO_CITY / name).read_text(), name


def test_no_demo_school_bears_the_name_or_number_of_a_real_one() -> None:
    demo = pd.read_csv(DEMO_CITY / "schools.csv")
    real = pd.read_csv("city/schools.csv")
    assert not set(demo["name"].str.lower()) & set(real["name"].str.lower())
    assert not set(demo["urn"]) & set(real["urn"])
    assert demo["phase"].value_counts().to_dict() == real["phase"].value_counts().to_dict()
