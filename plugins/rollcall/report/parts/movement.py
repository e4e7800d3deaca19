"""What changed, for whom, how sure: at most three sentences, by rules, each with its figures.

Beyond noise means: the newest week differs from the one before by more than twice what neighbouring weeks of this year
usually differ by (the median difference, scaled to a standard deviation); more children moved one way across a
threshold than the other by more than twice what chance gives (the square root of all who moved).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import median
from typing import Final

from rollcall.report.disclosure import percent_text, rounded_text
from rollcall.report.figures import Absence, CityFigures
from rollcall.report.page import Prose, number, prose
from rollcall.report.parts.movers import Movers
from rollcall.report.words import coverage_text, day_text, points_text

_MEDIAN_TO_DEVIATION: Final = 1.4826
_NOISE: Final = 2.0
_FEWEST_WEEKS: Final = 6


@dataclass(frozen=True)
class Moved:
    """A movement between the newest two weeks of an area, in percentage points."""

    name: str
    now: Absence
    before: Absence
    usual: float

    @property
    def change(self) -> float:
        """Absence of the newest week less that of the week before."""
        return self.now.rate - self.before.rate

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the weeks differ by more than neighbouring weeks do."""
        return abs(self.change) > _NOISE * self.usual


def week_movement(name: str, weeks: Sequence[Absence]) -> Moved | None:
    """The movement of the newest week; None where there are too few weeks to know what is usual."""
    if len(weeks) <= _FEWEST_WEEKS:
        return None
    earlier = list(weeks[:-1])
    steps = [abs(later.rate - sooner.rate) for sooner, later in pairwise(earlier)]
    return Moved(name, weeks[-1], weeks[-2], _MEDIAN_TO_DEVIATION * median(steps))


def movement(figures: CityFigures, movers: Movers, corrected: int) -> list[Prose]:
    """The sentences: what changed in the week, who crossed a threshold, and how sure that is; or that nothing did."""
    said = []
    week = week_movement("City", figures.weeks)
    if week is not None and week.is_beyond_noise:
        said.append(_week_sentence(figures, week))
    crossed = _crossing_sentence(figures, movers)
    if crossed is not None:
        said.append(crossed)
    if not said:
        return [prose("Nothing moved by more than it usually moves from week to week.", "lead")]
    return [*said, _sure_sentence(figures, corrected)]


def _week_sentence(figures: CityFigures, week: Moved) -> Prose:
    word = "higher" if week.change > 0 else "lower"
    kind = (
        "authorised"
        if abs(_points(week, "sessions_authorised")) >= abs(_points(week, "sessions_unauthorised"))
        else "unauthorised"
    )
    return prose(
        "<strong>What changed.</strong> Children of all ages missed {rate} % of their possible sessions in the week of"
        " {day}: {points} points {word} than in the week before, when weeks usually differ by {usual}."
        " Most of the change is {kind} absence{whom}.",
        "lead",
        rate=number(_rate_text(week.now), "weeks.absence_rate", str(week.now.first_week)),
        day=day_text(week.now.first_week),
        points=number(f"{abs(round(week.change, 1)):.1f}", "movement.change", "City"),
        word=word,
        usual=number(f"{week.usual:.1f}", "movement.usual", "City"),
        kind=kind,
        whom=_for_whom(figures),
    )


def _for_whom(figures: CityFigures) -> str:
    """The phase that moved most beyond its own noise, of those with more than one school."""
    moved = [
        found
        for name, weeks in figures.phase_weeks.items()
        if (found := week_movement(name, weeks)) is not None
        and found.is_beyond_noise
        and found.now.schools_expected > 1
        and found.now.enrolments >= 23
    ]
    if not moved:
        return ""
    most = max(moved, key=lambda item: abs(item.change) * item.now.sessions_possible)
    return f", above all in {most.name.lower()} schools ({points_text(most.change)} points)"


def _crossing_sentence(figures: CityFigures, movers: Movers) -> Prose | None:
    into, out = movers.into_persistent, movers.out_of_persistent
    is_hidden = any(movers.shown.is_hidden("All", f"{way} persistent") for way in ("into", "out of"))
    if is_hidden or abs(into - out) <= _NOISE * sqrt(into + out) or figures.published.night_before is None:
        return None
    return prose(
        "<strong>For whom.</strong> Since the set of {before}, {into} children became persistently absent (absent for"
        " 10 % or more of their possible sessions this year) and {out} no longer are.",
        "lead",
        before=day_text(figures.published.night_before),
        into=number(movers.shown.count("All", "into persistent"), "movers.into_persistent", "All"),
        out=number(movers.shown.count("All", "out of persistent"), "movers.out_of_persistent", "All"),
    )


def _sure_sentence(figures: CityFigures, corrected: int) -> Prose:
    now = figures.weeks[-1]
    key = str(now.first_week)
    return prose(
        "<strong>How sure.</strong> {known} % of that week’s expected sessions are known, and {settled} of {expected}"
        " schools’ figures for it are settled: the rest may still change. {corrected} absent sessions of the year were"
        " corrected or came late since the last edition.",
        "lead",
        known=number(coverage_text(now.sessions_known, now.sessions_expected), "weeks.coverage_rate", key),
        settled=number(str(now.schools_settled), "weeks.schools_settled", key),
        expected=number(str(now.schools_expected), "weeks.schools_expected", key),
        corrected=number(rounded_text(corrected), "revisions.corrected", "all"),
    )


def _points(week: Moved, name: str) -> float:
    now, before = week.now, week.before
    return 100.0 * float(getattr(now, name) / now.sessions_possible - getattr(before, name) / before.sessions_possible)


def _rate_text(week: Absence) -> str:
    return percent_text(week.sessions_absent, week.sessions_possible, children=week.enrolments)
