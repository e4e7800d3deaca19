"""The chart that packs share: absence by week, a line for those the pack is about, dashes for their phase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan

from rollcall.report.drawing.style import BLUE, GREY, PALE, chart, figure, months
from rollcall.report.page import Chart

Week = tuple[date, float | None]


def weeks_chart(name: str, own: Sequence[Week], phase: Sequence[Week], title: str) -> Chart:
    """A line chart of two series of (Monday, %), with gaps where weeks or rates are missing."""
    plot, axes = figure(2.8)
    series = ((name, BLUE, own), ("Same phase", PALE, phase))
    lines = [(label, colour, *_with_gaps(weeks)) for label, colour, weeks in series]
    ends = [_last(values) for _, _, _, values in lines]
    is_above = ends[0] >= ends[1]
    for label, colour, days, values in lines:
        axes.plot(days, values, color=colour, linewidth=2, linestyle="-" if colour == BLUE else "--")
        last = next((place for place in reversed(range(len(values))) if not isnan(values[place])), None)
        if last is not None:
            away = 8 if (colour == BLUE) == is_above else -8
            axes.annotate(
                label, (days[last], values[last]), xytext=(6, away), textcoords="offset points",
                color=BLUE if colour == BLUE else GREY, va="center", weight="bold", fontsize=9,
            )  # fmt: skip
    axes.set_ylim(0, 1.08 * axes.get_ylim()[1])
    axes.set_ylabel("% of possible sessions")
    axes.margins(x=0.02)
    months(axes)
    caption = (
        f"Absent sessions, % of possible sessions, by week: {name} (line), every school of the same phase (dashed). Gaps"
        " are holidays, or weeks of too few children. Source: schools’ registers."
    )
    return chart(plot, "pack-weeks", title, caption, f"Line chart. {title}. Values stand in the table below.")


def _with_gaps(series: Sequence[Week]) -> tuple[list[date], list[float]]:
    days: list[date] = []
    values: list[float] = []
    for day, value in series:
        if days and (day - days[-1]).days > 7:
            days.append(days[-1])
            values.append(float("nan"))
        days.append(day)
        values.append(float("nan") if value is None else value)
    return days, values


def _last(values: list[float]) -> float:
    """The last value that is a number; nought where none is."""
    return next((value for value in reversed(values) if not isnan(value)), 0.0)
