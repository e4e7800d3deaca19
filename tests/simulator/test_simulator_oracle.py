"""The independent computation agrees with a slow count by hand, and its comparison can fail."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.oracle import (
    ATTENDED,
    AUTHORISED,
    COUNTS,
    UNAUTHORISED,
    compare,
    expected_enrolments,
    last_evenings,
    with_flags,
)
from simulator.truth.store import Truth, marks_as_known

NIGHT = "2025-09-19"


def test_counts_agree_with_marks_counted_one_by_one(tiny_truth: Truth) -> None:
    expected = expected_enrolments(tiny_truth, NIGHT, [NIGHT], "2025-09-18")
    year = expected[expected["period_type"] == "year"].set_index("enrolment_no")
    marks = marks_as_known(tiny_truth, NIGHT).to_pandas()
    workbooks = tiny_truth.schools.loc[tiny_truth.schools["connector_settings"] == "file=xlsx", "urn"]
    year = year[~year["urn"].isin(workbooks)]
    by_enrolment = marks.groupby("enrolment_no")["code"].apply(list)
    for enrolment_no in year.index[:300]:
        codes = by_enrolment.get(enrolment_no, [])
        row = year.loc[enrolment_no]
        assert row["sessions_attended"] == sum(code in ATTENDED for code in codes)
        assert row["sessions_authorised"] == sum(code in AUTHORISED for code in codes)
        assert row["sessions_unauthorised"] == sum(code in UNAUTHORISED for code in codes)
        assert row["sessions_unknown"] == row["sessions_expected"] - sum(
            code is not None and not pd.isna(code) for code in codes
        )


def test_the_flags_turn_at_exactly_a_tenth_and_a_half() -> None:
    counts = pd.DataFrame({"sessions_possible": [380, 380, 201, 380, 0], "sessions_absent": [38, 37, 20, 190, 0]})
    flags = with_flags(counts)
    assert flags["is_persistently_absent"].tolist() == [True, False, False, True, False]
    assert flags["is_severely_absent"].tolist() == [False, False, False, True, False]


def test_the_comparison_counts_changed_missing_and_surplus_rows(tiny_truth: Truth) -> None:
    expected = with_flags(expected_enrolments(tiny_truth, NIGHT, [NIGHT], "2025-09-18"))
    assert compare(expected, expected, "enrolment")["mismatches"] == 0
    changed = expected.copy()
    changed.loc[changed.index[0], "sessions_absent"] += 1
    assert compare(expected, changed, "enrolment")["mismatches"] == 1
    assert compare(expected, expected.iloc[1:], "enrolment")["mismatches"] == 1
    assert compare(expected.iloc[1:], expected, "enrolment")["mismatches"] == 1
    assert set(COUNTS) <= set(expected.columns)


def test_a_school_that_could_not_be_loaded_stays_at_its_last_good_evening(tiny_truth: Truth) -> None:
    urn = int(tiny_truth.schools["urn"].iloc[0])
    truth = Truth(tiny_truth.folder)
    truth.scenario["defects"] = {"2025-09-19": [{"urn": urn, "kind": "silent"}]}
    evenings = last_evenings(truth, ["2025-09-18", "2025-09-19"], "2025-09-17").set_index("urn")["evening"]
    assert evenings[urn] == "2025-09-18"
    assert set(evenings.drop(urn)) == {"2025-09-19"}


def test_planted_corrections_move_the_flags_they_name(year_truth: Path) -> None:
    truth = Truth(year_truth)
    truth.scenario["defects"] = {}
    before, after = (
        with_flags(expected_enrolments(truth, night, [night], "2026-07-07"))
        .query("period_type == 'year'")
        .set_index("enrolment_no")
        for night in ("2026-07-08", "2026-07-09")
    )
    case = {row["case"]: row["enrolment_no"] for row in truth.scenario["planted"]}
    persistent = {
        name: (before.at[number, "is_persistently_absent"], after.at[number, "is_persistently_absent"])
        for name, number in case.items()
    }
    assert persistent["not_taken_to_illness"] == (False, True)
    assert persistent["unexplained_to_present"] == (True, False)
    number = case["unexplained_to_illness"]
    assert (before.at[number, "sessions_unauthorised"], after.at[number, "sessions_unauthorised"]) == (10, 9)
