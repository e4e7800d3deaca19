"""The register of the city while it is made: one array a column, seventeen million places long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 17
"""Places looked at in one go: a block of every column stays in the processor's cache."""


@dataclass
class Register:
    """All marks, ordered by enrolment and session. `owner` is the enrolment's place, `day` counts from 1970-01-01,
    `half` is 1 or 2.
    """

    offset: np.ndarray
    owner: np.ndarray
    day: np.ndarray
    half: np.ndarray
    code: np.ndarray
    first: np.ndarray


def is_among(code: np.ndarray, wanted: Iterable[int]) -> np.ndarray:
    """Whether each code index is one of the wanted: bytes are compared many at a time, which no look-up is."""
    found = np.zeros(len(code), dtype=bool)
    for one in wanted:
        found |= code == one
    return found


def blocks(count: int) -> list[slice]:
    """The places from 0 to `count`, a block at a time."""
    return [slice(low, min(low + BLOCK, count)) for low in range(0, count, BLOCK)]
