"""Funnel plots: which schools differ by more than chance and their kind's usual spread.

D. J. Spiegelhalter, *Funnel plots for comparing institutional performance*, Statistics in Medicine 24 (2005), 1185-1202;
over-dispersion by additive random effects: D. Spiegelhalter and others, *Statistical methods for healthcare regulation*,
Journal of the Royal Statistical Society A 175 (2012), 1-47.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

LIMITS: Final = {"95": 1.959964, "99.8": 3.090232}
"""Standard deviations of the limits that one in 20, and one in 500, exceeds by chance."""
_OUTER: Final = 10
"""One in so many schools at either end is drawn in."""


@dataclass(frozen=True)
class Funnel:
    """The rate of a kind of schools (0 to 1), and the variance between its schools beyond chance."""

    target: float
    between: float

    def deviation(self, children: int) -> float:
        """How far the rate of a school of so many children usually lies from the target."""
        return sqrt(self.target * (1 - self.target) / children + self.between)

    def limits(self, children: int, level: str) -> tuple[float, float]:
        """The lower and upper limit for a school of so many children; ``level`` is 95 or 99.8."""
        away = LIMITS[level] * self.deviation(children)
        return max(0.0, self.target - away), min(1.0, self.target + away)

    def place(self, part: int, children: int) -> str:
        """Where a school lies: ``within``, or above or below the 95 or the 99.8 limits."""
        away = (part / children - self.target) / self.deviation(children) if self.deviation(children) else 0.0
        side = "above" if away > 0 else "below"
        for level in ("99.8", "95"):
            if abs(away) > LIMITS[level]:
                return f"{side} {level}"
        return "within"


def fit_funnel(schools: Sequence[tuple[int, int]]) -> Funnel:
    """The funnel of (part, children) of a kind of schools.

    The variance between schools is estimated after the most extreme tenth at either end is drawn in, so that a few schools
    far out do not widen the limits for themselves. Raises ``ValueError`` without a child.
    """
    children = sum(count for _, count in schools)
    if not children:
        raise ValueError("a funnel needs a child")
    target = sum(part for part, _ in schools) / children
    variances = [target * (1 - target) / count for _, count in schools]
    if not all(variances):
        return Funnel(target, 0.0)
    scores = [(part / count - target) / sqrt(own) for (part, count), own in zip(schools, variances, strict=True)]
    spread = sum(score**2 for score in _winsorised(scores)) / len(scores)
    weights = [1 / own for own in variances]
    scale = sum(weights) - sum(weight**2 for weight in weights) / sum(weights)
    if scale <= 0:
        return Funnel(target, 0.0)
    return Funnel(target, max(0.0, (len(scores) * spread - (len(scores) - 1)) / scale))


def _winsorised(scores: Sequence[float]) -> list[float]:
    ordered = sorted(scores)
    outer = min(ceil(len(ordered) / _OUTER), (len(ordered) - 1) // 2)
    lowest, highest = ordered[outer], ordered[-1 - outer]
    return [min(max(score, lowest), highest) for score in scores]
