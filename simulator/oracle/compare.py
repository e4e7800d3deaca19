"""A full outer comparison of two tables, cell by cell."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SAME_RATE = 1e-9


@dataclass
class Comparison:
    """What was compared of one mart: rows, cells, rows that differ, and the first ten of these in words.

    A row that one side lacks is one mismatch. `seconds` is filled in by whoever measures.
    """

    mart: str
    rows: int
    cells: int
    mismatches: int
    first: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def _plain(values: pd.Series) -> pd.Series:
    """Numbers and truth values as floats, everything else as text; what is null stays null."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return values.astype(float)
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d")
    kept = values.dropna()
    if len(kept) and kept.map(type).isin([bool, np.bool_, int, float]).all():
        return values.astype(float)
    return values.where(values.isna(), values.astype(str))


def differing(left: pd.Series, right: pd.Series) -> np.ndarray:
    """Where two plain columns differ; null equals null, rates may differ in the last digits of their division."""
    nulls = left.isna().to_numpy() & right.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(left) and pd.api.types.is_numeric_dtype(right):
        same = np.isclose(left.to_numpy(float), right.to_numpy(float), rtol=0.0, atol=SAME_RATE)
    else:
        same = left.to_numpy(object) == right.to_numpy(object)
    wrong: np.ndarray = ~(np.asarray(same, dtype=bool) | nulls)
    return wrong


def compare(mart: str, expected: pd.DataFrame, found: pd.DataFrame, keys: list[str], columns: list[str]) -> Comparison:
    """Compare on `keys`, each of which must name one row on either side."""
    sides = []
    # A column that the mart lacks is null in every row, and so differs wherever something is expected.
    for frame in (expected, found.reindex(columns=[*keys, *columns])):
        plain = pd.DataFrame({name: _plain(frame[name]) for name in keys + columns})
        plain["_again"] = plain.groupby(keys, dropna=False).cumcount()
        sides.append(plain)
    joined = [*keys, "_again"]
    both = sides[0].merge(sides[1], on=joined, how="outer", suffixes=("", " found"), indicator="_side")
    is_both = (both["_side"] == "both").to_numpy()
    wrong, by_column, cells = ~is_both, {}, {}
    for name in columns:
        cells[name] = differing(both[name], both[f"{name} found"]) & is_both
        if cells[name].any():
            by_column[name] = int(cells[name].sum())
        wrong = wrong | cells[name]
    first = []
    for place in np.flatnonzero(wrong)[:10]:
        row = both.iloc[place]
        name = " ".join(_text(row[key]) for key in keys)
        told = [f"{one} {_text(row[one])} / {_text(row[f'{one} found'])}" for one in columns if cells[one][place]]
        sides_told = {"left_only": "not in the mart", "right_only": "only in the mart"}
        first.append(f"{name}: {'; '.join(told) or sides_told[str(row['_side'])]}")
    return Comparison(mart, len(both), int(is_both.sum()) * len(columns), int(wrong.sum()), first, by_column)


def _text(value: object) -> str:
    if isinstance(value, float):
        return "null" if math.isnan(value) else f"{value:.10g}"
    return "null" if value is None else str(value)
