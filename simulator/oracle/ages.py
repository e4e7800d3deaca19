"""Compulsory school age."""

from __future__ import annotations

import pandas as pd


def compulsory_from(born: pd.Series) -> pd.Series:
    """First day of compulsory school age: 31 December, 31 March or 31 August on or after the fifth birthday."""
    month, year = born.dt.month, born.dt.year + 5
    day = pd.Series("12-31", index=born.index).where(month >= 9, "08-31").where(~month.isin([1, 2, 3]), "03-31")
    return pd.to_datetime(year.astype(str) + "-" + day)


def compulsory_until(born: pd.Series) -> pd.Series:
    """Last day of compulsory school age: the last Friday in June of the school year of the sixteenth birthday."""
    year = born.dt.year + 16 + (born.dt.month >= 9)
    last = pd.to_datetime(year.astype(str) + "-06-30")
    return last - pd.to_timedelta((last.dt.weekday - 4) % 7, unit="D")


def is_compulsory(born: pd.Series, day: pd.Series) -> pd.Series:
    """Whether a child born on `born` is of compulsory school age on `day`."""
    born, day = pd.to_datetime(born), pd.to_datetime(day)
    return (day >= compulsory_from(born)) & (day <= compulsory_until(born))
