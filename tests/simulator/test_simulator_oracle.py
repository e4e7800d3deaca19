"""The independent computation agrees with a slow count by hand, and every one of its comparisons can fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from simulator.oracle import ATTENDED, AUTHORISED, UNAUTHORISED
from simulator.oracle.ages import is_compulsory
from simulator.oracle.compare import compare
from simulator.oracle.counting import enrolment_periods
from simulator.oracle.expected import Expected, counted, expected
from simulator.oracle.provision import leave_ended
from simulator.oracle.spells import days_beside
from simulator.oracle.thresholds import with_flags
from simulator.truth.store import Truth, marks_as_known

NIGHT, HISTORY = "2025-09-19", "2025-09-18"
MARTS = (
    "fct_enrolment_absence", "fct_child_absence", "fct_enrolment_codes", "fct_sessions_to_threshold", "fct_part_time",
    "fct_leave_ended", "fct_plan_sheet", "fct_meeting_actions", "fct_support_meetings",
    "rpt_persistent_absentees", "rpt_severe_absentees", "rpt_movers",
    "fct_settlement", "agg_school_absence", "agg_phase_absence", "agg_city_absence", "agg_area_absence",
    "agg_code_shares", "agg_group_absence", "rpt_beside_published",
    "rpt_bridge", "fct_continuous_absence", "fct_sickness_returns",
    "fct_unexplained_overdue", "fct_register_amendments", "agg_register_amendments", "fct_return_timeliness",
    "fct_penalty_threshold", "fct_absence_spells", "fct_absence_patterns", "agg_school_patterns",
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny(tiny_truth: Truth) -> Iterator[duckdb.DuckDBPyConnection]:
    with counted(tiny_truth, NIGHT, [NIGHT], HISTORY) as db:
        yield db


@pytest.fixture(scope="module")
def marts(year_truth) -> dict[str, Expected]:
    # five weeks lie between the two deliveries, so that marks were amended and children moved
    with counted(Truth(year_truth), "2026-07-10", ["2026-07-10"], "2026-06-05") as db:
        found = {one.mart: one for one in expected(db, "2026-07-10")}
    with leave() as db:
        found["fct_leave_ended"] = replace(found["fct_leave_ended"], rows=leave_ended(db, "2026-03-13"))
    return found


def leave() -> duckdb.DuckDBPyConnection:
    """Six children whose leave ended on Friday 27 February 2026; the week after has five school days, then there are
    five more up to the night.
    """
    db = duckdb.connect()
    db.execute("""create table plans as select n as person_no, 1 as urn, 'leave' as plan, 'x' as reason,
            date '2026-02-16' as start_date, date '2026-02-27' as expected_end_date,
            case n when 6 then date '2026-02-20' end as actual_end_date
        from range(1, 7) t(n)""")
    db.execute("""create table rolls as select n as enrolment_no, n as person_no, 1 as urn, n <> 5 as is_on_roll
        from range(1, 7) t(n)""")
    db.execute("""create table known as select * from (values (1, date '2026-02-13', 1, '/'),
        (1, date '2026-03-02', 1, 'I'), (2, date '2026-03-02', 2, '\\'), (3, date '2026-03-02', 1, 'O'),
        (4, date '2026-02-13', 1, 'L'),
        (5, date '2026-02-13', 1, '/'), (6, date '2026-02-24', 1, '/')) v(enrolment_no, session_date, half, code)""")
    db.execute("""create table school_days as select 1 as urn, d::date as session_date
        from generate_series(date '2026-02-02', date '2026-03-20', interval 1 day) t(d) where isodow(d) <= 5""")
    return db


def test_leave_ends_with_a_return_off_the_roll_or_never() -> None:
    rows = leave_ended(leave(), "2026-03-13").set_index("person_no").sort_index()
    # child 2 came back, child 5 left the roll, child 6 came back before the day until which it had asked
    assert rows.index.tolist() == [1, 3, 4]
    assert rows["school_days_since"].tolist() == [10, 10, 10]
    assert rows["is_ground_h_signal"].all()
    assert not leave_ended(leave(), "2026-03-12")["is_ground_h_signal"].any()
    assert pd.isna(rows.loc[3, "last_attended_date"])


def test_counts_agree_with_marks_counted_one_by_one(tiny: duckdb.DuckDBPyConnection, tiny_truth: Truth) -> None:
    rows = enrolment_periods(tiny, "period_type = 'year'").set_index("enrolment_no")
    marks = marks_as_known(tiny_truth, NIGHT).to_pandas()
    workbooks = tiny_truth.schools.loc[tiny_truth.schools["connector_settings"] == "file=xlsx", "urn"]
    rows = rows[~rows["urn"].isin(workbooks)]
    by_enrolment = marks.groupby("enrolment_no")["code"].apply(list)
    for enrolment_no in rows.index[:300]:
        codes = by_enrolment.get(enrolment_no, [])
        row = rows.loc[enrolment_no]
        assert row["sessions_attended"] == sum(code in ATTENDED for code in codes)
        assert row["sessions_authorised"] == sum(code in AUTHORISED for code in codes)
        assert row["sessions_unauthorised"] == sum(code in UNAUTHORISED for code in codes)
        assert row["sessions_unknown"] == row["sessions_expected"] - sum(
            code is not None and not pd.isna(code) for code in codes
        )


def test_the_flags_turn_at_exactly_a_tenth_and_a_half() -> None:
    counts = pd.DataFrame({"sessions_possible": [380, 380, 201, 380, 0], "sessions_absent": [38, 37, 20, 190, 0]})
    flags = with_flags(counts.assign(sessions_part_time=0))
    assert flags["is_persistently_absent"].tolist() == [True, False, False, True, False]
    assert flags["is_severely_absent"].tolist() == [False, False, False, True, False]
    assert flags["absence_band"].tolist() == ["persistent", "below 10 %", "below 10 %", "severe", "none possible"]
    assert flags["five_point_band"].tolist()[:4] == [10, 5, 5, 50]


def test_compulsory_age_begins_after_the_fifth_birthday_and_ends_in_the_june_of_sixteen() -> None:
    born = pd.to_datetime(pd.Series(["2020-09-01", "2021-03-31", "2020-08-31", "2010-08-31", "2010-09-01"]))
    first = pd.to_datetime(pd.Series(["2025-12-31", "2026-03-31", "2025-08-31", "2026-06-26", "2027-06-25"]))
    before = first - pd.Timedelta(days=1)
    assert is_compulsory(born, first).all()
    assert is_compulsory(born, before).tolist() == [False, False, False, True, True]
    assert not is_compulsory(born[3:], first[3:] + pd.Timedelta(days=1)).any()


def test_three_weekdays_make_a_break_and_fewer_a_weekend() -> None:
    days = ["2025-10-23", "2025-10-24", "2025-10-27", "2025-10-31"]
    beside = days_beside(pd.DataFrame({"urn": 1, "session_date": days, "ordinal": range(1, 5)}))
    assert beside["is_break_before"].tolist() == [True, False, False, True]
    assert beside["is_weekend_before"].tolist() == [False, False, True, False]
    assert beside["is_break_after"].tolist() == [False, False, True, True]


def test_every_mart_has_its_expectation(marts: dict[str, Expected]) -> None:
    assert tuple(marts) == MARTS
    assert all(len(one.rows) for one in marts.values())


@pytest.mark.parametrize("mart", MARTS)
def test_every_comparison_sees_one_changed_cell_one_missing_and_one_surplus_row(
    marts: dict[str, Expected], mart: str
) -> None:
    one = marts[mart]
    assert compare(mart, one.rows, one.rows, one.keys, one.columns).mismatches == 0
    assert compare(mart, one.rows, one.rows.iloc[1:], one.keys, one.columns).mismatches == 1
    assert compare(mart, one.rows.iloc[1:], one.rows, one.keys, one.columns).mismatches == 1
    twice = pd.concat([one.rows, one.rows.iloc[:1]])
    assert compare(mart, one.rows, twice, one.keys, one.columns).mismatches == 1
    for column in one.columns:
        found = compare(mart, one.rows, tampered(one.rows, column), one.keys, one.columns)
        assert (found.mismatches, found.columns) == (1, {column: 1}), column
        assert column in found.first[0]


def tampered(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows with one cell of `column` changed by the least that matters."""
    changed = rows.copy()
    values = changed[column]
    place = values.first_valid_index() if values.notna().any() else values.index[0]
    was = values.loc[place]
    if isinstance(was, bool | np.bool_):
        changed[column] = values.astype(object)
        changed.loc[place, column] = not was
    elif pd.isna(was) and pd.api.types.is_datetime64_any_dtype(values):
        changed.loc[place, column] = pd.Timestamp("2026-01-01")
    elif pd.isna(was):
        changed[column] = values.astype(object)
        changed.loc[place, column] = 1
    elif pd.api.types.is_numeric_dtype(values):
        changed[column] = values.astype(float)
        changed.loc[place, column] = float(was) + (0.000001 if column.endswith("_rate") else 1)
    elif isinstance(was, str):
        changed.loc[place, column] = f"{was}x"
    else:
        changed.loc[place, column] = pd.Timestamp(was) + pd.Timedelta(days=1)
    return changed
