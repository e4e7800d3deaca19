"""Facts of rows, worked out once per distinct word wherever a word alone decides, and the combinations that occur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]

_UNKNOWN: Final = 2
_LENGTHS: Final = 100


@dataclass(frozen=True, eq=False)
class Fact:
    """Whether something is true; not known where ``is_known`` says so.

    With ``place`` both are said of distinct words (or pairs of words), and ``place`` tells which of them each row has.
    """

    is_true: Bools
    is_known: Bools | None = None
    place: npt.NDArray[np.integer] | None = None

    def digits(self) -> Numbers:
        """0 false, 1 true, 2 not known."""
        digit = self.is_true.astype(np.int64)
        return digit if self.is_known is None else np.where(self.is_known, digit, _UNKNOWN)


@dataclass(frozen=True, eq=False)
class Words:
    """The distinct words of a column, and which of them each row has."""

    text: list[str]
    place: Ints


def combine(facts: Mapping[str, Fact], session: Words, code: Words) -> tuple[pd.DataFrame, Numbers]:
    """Each combination of facts, session and length of the code that occurs, and which one each row has.

    Facts are digits of one number per row, so that equal rows have equal numbers; ``code`` may be pairs that begin with it.
    """
    scale = 3 ** len(facts)
    length = np.array([min(len(word), _LENGTHS - 1) for word in code.text] or [0], dtype=np.int64)
    # what goes by the same words is added up for the words before any row is looked at
    tables: dict[int, tuple[npt.NDArray[np.integer] | None, Numbers]] = {
        id(session.place): (session.place, np.arange(max(1, len(session.text)), dtype=np.int64) * _LENGTHS * scale),
        id(code.place): (code.place, length * scale),
    }
    for fact in facts.values():
        scale //= 3
        place, table = tables.get(id(fact.place), (fact.place, np.int64(0)))
        tables[id(fact.place)] = (place, table + fact.digits() * scale)
    number = np.zeros(len(session.place), dtype=np.int64)
    for place, table in tables.values():
        number += table if place is None else table[place]
    combination, distinct = pd.factorize(number)
    return _frame(list(facts), np.asarray(distinct, dtype=np.int64), session.text), combination.astype(np.int64)


def _frame(names: list[str], rest: Numbers, sessions: list[str]) -> pd.DataFrame:
    columns = {}
    meaning = np.array([False, True, None], dtype=object)
    for name in reversed(names):
        columns[name] = pd.Series(meaning[rest % 3], dtype=object)
        rest = rest // 3
    columns["code_length"] = pd.Series(rest % _LENGTHS)
    columns["session"] = pd.Series(np.array(sessions or [""], dtype=object)[rest // _LENGTHS], dtype=object)
    return pd.DataFrame(columns)
