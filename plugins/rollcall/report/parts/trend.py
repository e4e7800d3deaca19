"""Trend: absence by week, with last year's same weeks where the warehouse has them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rollcall.report.disclosure import percent_text
from rollcall.report.drawing.style import BLUE, GREY, PALE, PLUM, TURQUOISE, chart, figure, months
from rollcall.report.figures import Absence, CityFigures
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.words import coverage_text, day_text, share


def trend_part(figures: CityFigures) -> Part:
    """The part: the weekly chart, its table, and what it can be compared with."""
    weeks = figures.weeks
    if not weeks:
        return Part("trend", "Trend", "No week has a known session yet")
    blocks: list[Prose | Table | Chart] = [_chart(figures), _table(figures)]
    if not figures.weeks_last_year:
        blocks.append(_no_earlier_year(figures))
    return Part("trend", "Trend", _title(weeks), blocks)


def _no_earlier_year(figures: CityFigures) -> Prose:
    """What the weeks cannot be compared with, and what the headline is compared with instead."""
    words = "The warehouse holds no earlier year, so there is no comparison with last year’s same weeks."
    sources = figures.benchmark_sources
    named = dict.fromkeys(sources[name] for name in ("overall", "persistent", "severe") if name in sources)
    if not named:
        return prose(words, "note")
    beside = " The headline figures above stand beside what was published: {published}."
    return prose(words + beside, "note", published="; ".join(named))


def _title(weeks: tuple[Absence, ...]) -> str:
    last = weeks[-1]
    average = 100 * sum(week.sessions_absent for week in weeks) / sum(week.sessions_possible for week in weeks)
    word = "above" if last.rate > average + 0.25 else "below" if last.rate < average - 0.25 else "close to"
    return f"Absence in the latest week was {last.rate:.1f} %, {word} the year’s average of {average:.1f} %"


def same_weeks(weeks: tuple[Absence, ...], last_year: tuple[Absence, ...]) -> list[Absence | None]:
    """For each week of school the one of last year with the same place in the school year."""
    return [last_year[place] if place < len(last_year) else None for place in range(len(weeks))]


def _chart(figures: CityFigures) -> Chart:
    weeks, published = figures.weeks, figures.published
    plot, axes = figure(3.2)
    days = [week.first_week for week in weeks]
    series = [
        ("All absence", BLUE, [share(week.sessions_absent, week.sessions_possible, week.enrolments) for week in weeks]),
        (
            "Authorised",
            TURQUOISE,
            [share(week.sessions_authorised, week.sessions_possible, week.enrolments) for week in weeks],
        ),
        (
            "Unauthorised",
            PLUM,
            [share(week.sessions_unauthorised, week.sessions_possible, week.enrolments) for week in weeks],
        ),
    ]
    if figures.weeks_last_year:
        then = same_weeks(weeks, figures.weeks_last_year)
        values = [
            share(week.sessions_absent, week.sessions_possible, week.enrolments) if week else None for week in then
        ]
        series.append(("All, last year", PALE, values))
    settled = settled_week(weeks) or days[0]
    for name, colour, values in series:
        xs, ys = _with_gaps(days, values)
        is_old = [day is not None and day <= settled for day in xs]
        axes.plot(
            xs, [y if old else float("nan") for y, old in zip(ys, is_old, strict=True)], color=colour, linewidth=2
        )
        edge = max((number for number, old in enumerate(is_old) if old), default=0)
        axes.plot(xs[edge:], ys[edge:], color=colour, linewidth=2, linestyle=(0, (2, 1.5)))
        axes.annotate(
            name,
            (days[-1], ys[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            weight="bold",
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("% of possible sessions")
    axes.margins(x=0.02)
    axes.tick_params(axis="x", labelcolor=GREY)
    months(axes)
    title = _title(weeks)
    caption = (
        f"Absent sessions, % of possible sessions, every school and age, by week, {published.academic_year} to"
        f" {day_text(published.night)}. Gaps are holidays; dashed weeks are provisional: not every school’s figures are"
        " settled. Study leave before examinations counts as authorised absence. Source: schools’ registers."
    )
    first, last = weeks[0], weeks[-1]
    alternative = (
        f"Line chart. Absence was {first.rate:.1f} % in the week of {day_text(first.first_week)} and {last.rate:.1f} % in"
        f" the week of {day_text(last.first_week)}; its highest week was {max(week.rate for week in weeks):.1f} %. Every"
        " value stands in the table below."
    )
    return chart(plot, "trend", title, caption, alternative)


def settled_week(weeks: tuple[Absence, ...]) -> date | None:
    """The last week up to which every school's figures are settled; None where the first is not."""
    settled = None
    for week in weeks:
        if week.schools_settled < week.schools_expected:
            break
        settled = week.first_week
    return settled


def _with_gaps(days: list[Any], values: list[float | None]) -> tuple[list[Any], list[float]]:
    """Days and values with an empty place where weeks are missing, so that a holiday is a gap."""
    xs: list[Any] = []
    ys: list[float] = []
    for day, value in zip(days, values, strict=True):
        if xs and day - xs[-1] > timedelta(days=7):
            xs.append(xs[-1] + timedelta(days=7))
            ys.append(float("nan"))
        xs.append(day)
        ys.append(float("nan") if value is None else value)
    return xs, ys


def _table(figures: CityFigures) -> Table:
    columns = ["Week of", "Absence %", "Authorised %", "Unauthorised %", "Possible sessions", "Sessions known %"]
    then = same_weeks(figures.weeks, figures.weeks_last_year)
    if figures.weeks_last_year:
        columns.append("Same week last year %")
    lines = [
        _line(week, before, bool(figures.weeks_last_year)) for week, before in zip(figures.weeks, then, strict=True)
    ]
    return Table(
        "weeks",
        "Weeks",
        "Share of possible sessions, by week, every school and age",
        columns,
        lines,
        "The weeks as a table",
    )


def _line(week: Absence, before: Absence | None, has_last_year: bool) -> Line:
    key = str(week.first_week)

    def rate(part: int) -> str:
        return percent_text(part, week.sessions_possible, children=week.enrolments)

    cells = [
        Cell(rate(week.sessions_absent), "weeks.absence_rate", key),
        Cell(rate(week.sessions_authorised), "weeks.authorised_rate", key),
        Cell(rate(week.sessions_unauthorised), "weeks.unauthorised_rate", key),
        Cell(f"{week.sessions_possible:,}", "weeks.sessions_possible", key),
        Cell(coverage_text(week.sessions_known, week.sessions_expected), "weeks.coverage_rate", key),
    ]
    if has_last_year:
        text = (
            percent_text(before.sessions_absent, before.sessions_possible, children=before.enrolments)
            if before
            else "x"
        )
        cells.append(Cell(text, "weeks.absence_rate", str(before.first_week) if before else key))
    return Line(day_text(week.first_week), cells)
