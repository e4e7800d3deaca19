"""The list of codes, applied to DfE's own published sums, must reproduce DfE's own published totals."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PUBLISHED: Final = ROOT / "tests/data/dfe_published/ytd_2025-26_wk28_pub2026-07-23.csv"
CODES: Final = ROOT / "dbt_project/seeds/attendance_codes.csv"
UNSUPPRESSED_ROWS: Final = 643
PUBLISHED_CODES: Final = {
    *("/", "\\", "L", "B", "J", "P", "V", "W", "K"),
    *("I", "M", "R", "S", "T", "H", "E", "C", "C1", "J1", "C2"),
    *("G", "U", "O", "N"),
}
# DfE names a column after its code; three columns of presence have no code in their name
PRESENT_COLUMNS: Final = {
    "reason_present_am": "/",
    "reason_present_pm": "\\",
    "reason_l_present_late_before_registers_closed": "L",
}
CODE_IN_COLUMN: Final = re.compile(r"^reason_([a-z][0-9]?)_(?:aea|authorised|unauthorised|other|no)_")


def code_of(column: str) -> str | None:
    """The attendance code that a published column counts, or None for a column of anything else."""
    found = CODE_IN_COLUMN.match(column)
    return PRESENT_COLUMNS.get(column) or (found.group(1).upper() if found else None)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    """DfE's rows with numbers; ``c`` stands where DfE suppressed the row."""
    table = pd.read_csv(PUBLISHED, dtype=str)
    return table[table["possible_sessions"].str.fullmatch(r"\d+")]


@pytest.fixture(scope="module")
def codes() -> pd.DataFrame:
    """The seed, one row per code."""
    return pd.read_csv(CODES, dtype={"code": str}, keep_default_na=False).set_index("code")


def sum_of(published: pd.DataFrame, codes: pd.DataFrame, rule: pd.Series) -> pd.Series:
    """Add up, row by row, the published columns whose code the rule picks."""
    picked = set(codes.index[rule])
    columns = [column for column in published.columns if code_of(column) in picked]
    return published[columns].astype("int64").sum(axis=1)


def total(published: pd.DataFrame, column: str) -> pd.Series:
    return published[column].astype("int64")


def test_every_published_code_column_is_in_the_seed(published: pd.DataFrame, codes: pd.DataFrame) -> None:
    """DfE publishes 24 codes by sessions; each must be found, or the sums below would prove nothing."""
    seen = {code for column in published.columns if (code := code_of(column))}
    assert seen == PUBLISHED_CODES
    assert seen <= set(codes.index)
    assert len(published) == UNSUPPRESSED_ROWS


def test_attendance_is_reproduced_in_every_row(published: pd.DataFrame, codes: pd.DataFrame) -> None:
    assert (sum_of(published, codes, codes["is_attending"]) == total(published, "overall_attendance")).all()


@pytest.mark.parametrize(
    ("column", "category"),
    [
        ("present_sessions", "present"),
        ("approved_educational_activity", "approved_educational_activity"),
        ("unauthorised_absence", "absent_unauthorised"),
    ],
)
def test_each_category_is_reproduced_in_every_row(
    published: pd.DataFrame, codes: pd.DataFrame, column: str, category: str
) -> None:
    assert (sum_of(published, codes, codes["category"] == category) == total(published, column)).all()


def test_late_sessions_are_late_before_and_after_the_register_closed(
    published: pd.DataFrame, codes: pd.DataFrame
) -> None:
    late = codes["is_late_before_close"] | codes["is_late_after_close"]
    assert (sum_of(published, codes, late) == total(published, "late_sessions")).all()


def test_authorised_absence_differs_only_by_the_code_that_dfe_no_longer_publishes(
    published: pd.DataFrame, codes: pd.DataFrame
) -> None:
    """592 rows agree; 51 exceed the sum of the published reasons by few sessions, probably the withdrawn code F."""
    counted = sum_of(published, codes, codes["authorisation"] == "authorised")
    excess = total(published, "authorised_absence") - counted
    assert (excess == 0).sum() == 592
    assert (excess > 0).sum() == 51
    assert excess.max() <= 106


def test_possible_sessions_are_attended_and_absent_in_every_row(published: pd.DataFrame, codes: pd.DataFrame) -> None:
    """Possible by the seed, with DfE's own small excess of authorised absence put back."""
    excess = total(published, "authorised_absence") - sum_of(published, codes, codes["authorisation"] == "authorised")
    possible = sum_of(published, codes, codes["is_possible"]) + excess
    assert (possible == total(published, "possible_sessions")).all()
