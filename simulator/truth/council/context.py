"""What every table of the council is made from, and small helpers on days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from simulator.truth.codes import INDEX
from simulator.truth.register import Register, is_among

NEVER = np.datetime64("NaT", "D")
YEAR_START = np.datetime64("2025-09-01")
UNAUTHORISED = ("G", "N", "O", "U")
OUTSIDE = ("", "D", "X", "Y1", "Y4", "Y7", "Q", "#")


@dataclass(frozen=True)
class Context:
    """The city's truth, a stream of random numbers of its own, and the last day that the truth covers."""

    people: pd.DataFrame
    enrolments: pd.DataFrame
    schools: pd.DataFrame
    register: Register
    rng: np.random.Generator
    last_day: str

    @cached_property
    def urns(self) -> np.ndarray:
        """URN of each enrolment, by its place."""
        return self.enrolments["urn"].to_numpy()

    @cached_property
    def absent_share(self) -> np.ndarray:
        """Share of each enrolment's possible sessions that it missed; 0 where none was possible."""
        owner, count = self.register.owner, len(self.enrolments)
        away = self.is_code("I", "M", "R", "S", "T", "E", "C", "C1", "J1", "C2", *UNAUTHORISED)
        missed = np.bincount(owner[away], minlength=count)
        outside = np.bincount(owner[self.is_code(*OUTSIDE)], minlength=count)
        possible = np.diff(self.register.offset) - outside
        return np.divide(missed, possible, out=np.zeros(len(missed)), where=possible > 0)

    @cached_property
    def possible_before(self) -> np.ndarray:
        """How many possible sessions lie before each mark and on it, counted through the whole register."""
        return np.cumsum(~self.is_code(*OUTSIDE), dtype=np.int32)

    def is_code(self, *names: str) -> np.ndarray:
        """Whether each mark is one of these codes."""
        return is_among(self.register.code, [INDEX[name] for name in names])

    def story(self, *names: str) -> pd.DataFrame:
        """The enrolments of these stories."""
        return self.enrolments[self.enrolments["story"].isin(names)]

    def chance(self, count: int, share: float) -> np.ndarray:
        """True for about this share of ``count`` cases."""
        return np.asarray(self.rng.random(count) < share)

    def days(self, count: int, low: int, high: int) -> np.ndarray:
        """Whole days from ``low`` to ``high``, drawn evenly."""
        return self.rng.integers(low, high + 1, count).astype("timedelta64[D]")


def days_of(column: Any) -> np.ndarray:
    """A column of dates in whole days."""
    return np.asarray(pd.to_datetime(column).to_numpy().astype("datetime64[D]"))


def keep(is_kept: np.ndarray, days: np.ndarray) -> np.ndarray:
    """The days, and none where not kept."""
    return np.where(is_kept, days, NEVER)


def runs(context: Context, flagged: np.ndarray, least: int) -> pd.DataFrame:
    """Unbroken runs of flagged sessions of at least ``least``: enrolment's place, first, last and ``least``-th day.

    Flagged sessions are possible ones; those that were not possible neither break a run nor lengthen it.
    """
    register = context.register
    places = np.flatnonzero(flagged)
    if not len(places):
        return pd.DataFrame({"place": [], "first": [], "last": [], "reached": [], "length": []})
    owner, number = register.owner[places], context.possible_before[places]
    edges = np.flatnonzero(np.append(True, (owner[1:] != owner[:-1]) | (number[1:] != number[:-1] + 1)))
    length = np.diff(np.append(edges, len(places)))
    long = length >= least
    edges, length = edges[long], length[long]
    day = register.day[places].astype("datetime64[D]")
    return pd.DataFrame(
        {
            "place": register.owner[places[edges]],
            "first": day[edges],
            "last": day[edges + length - 1],
            "reached": day[edges + least - 1],
            "length": length,
        }
    )
