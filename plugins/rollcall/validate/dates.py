"""Dates as the template allows them: ``2026-11-20`` or ``20/11/2026``, day first, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
DAY_FIRST: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
EPOCH: Final = date(1970, 1, 1).toordinal()
UNREADABLE: Final = -1_000_000
YEARS: Final = range(1900, 2101)


def days_of(text: str) -> int:
    """Days since 1970 of a stated date, or ``UNREADABLE``."""
    if found := ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return UNREADABLE
    try:
        return date(year, month, day).toordinal() - EPOCH if year in YEARS else UNREADABLE
    except ValueError:
        return UNREADABLE


def as_dates(days: npt.NDArray[np.int32]) -> pa.Array:
    """A date column from days since 1970; unreadable days become null."""
    return pa.array(days, pa.int32(), mask=days == UNREADABLE).cast(pa.date32())
