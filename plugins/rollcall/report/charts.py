"""Charts of the city report: static SVG by matplotlib in the Analysis Function's palette, each with its words."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any, Final

from rollcall.report.figures import Absence, CityFigures

BLUE: Final = "#12436D"
TURQUOISE: Final = "#28A197"
PLUM: Final = "#801650"
GREY: Final = "#3D3D3D"


@dataclass(frozen=True)
class Chart:
    """One chart: a title that states the finding, a caption with measure, place and source, and the SVG."""

    key: str
    title: str
    caption: str
    svg: str


def trend_chart(figures: CityFigures) -> Chart:
    """Absence by week of the year, authorised and unauthorised; holidays are gaps, the current week is dashed."""
    weeks = [week for week in figures.weeks if week.sessions_possible and week.first_week]
    plot, axes = _figure(7.6, 3.0)
    series = {
        "All absence": (BLUE, [_share(week.sessions_absent, week) for week in weeks]),
        "Authorised": (TURQUOISE, [_share(week.sessions_authorised, week) for week in weeks]),
        "Unauthorised": (PLUM, [_share(week.sessions_unauthorised, week) for week in weeks]),
    }
    days = [week.first_week for week in weeks]
    for name, (colour, values) in series.items():
        xs: list[Any] = []
        ys: list[float | None] = []
        for day, value in zip(days, values, strict=True):
            if xs and day - xs[-1] > timedelta(days=7):
                xs.append(xs[-1] + timedelta(days=7))
                ys.append(None)
            xs.append(day)
            ys.append(value)
        axes.plot(xs, [float("nan") if y is None else y for y in ys], color=colour, linewidth=2)
        axes.annotate(
            name, (days[-1], values[-1]), xytext=(6, 0), textcoords="offset points", color=colour, va="center"
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("% of possible sessions")
    _dates(axes)
    axes.margins(x=0.02)
    title = _trend_title(weeks)
    caption = (
        f"Absent sessions as a share of possible sessions, every school and age, by week, {figures.academic_year} to"
        f" {_day(figures.night)}. Gaps are holidays. Study leave before examinations counts as authorised"
        " absence. The latest week may still change as marks are corrected."
    )
    return Chart("trend", title, caption, _svg(plot, "trend", title, caption))


def phase_chart(figures: CityFigures) -> Chart:
    """Persistent absence by phase beside Derby's, the region's and England's published figures."""
    phases = [
        phase
        for phase in figures.phases
        if phase.cohort >= 23 and ("England", phase.name, "persistent") in figures.benchmarks
    ]
    plot, axes = _figure(7.6, 0.9 + 0.75 * len(phases))
    for row, phase in enumerate(reversed(phases)):
        value = 100 * phase.cohort_persistent / phase.cohort
        axes.barh(row, value, height=0.5, color=BLUE)
        label = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "fontweight": "bold"}
        axes.annotate(f"{value:.1f} %", (value, row), color=BLUE, **label)
        for area, marker, colour in (("East Midlands", "D", "#F46A25"), ("England", "o", GREY)):
            published = figures.benchmarks.get((area, phase.name, "persistent"))
            if published is not None:
                axes.plot(
                    published, row, marker=marker, color=colour, markeredgecolor="white", markersize=9, linestyle=""
                )
    axes.set_yticks(range(len(phases)), [phase.name for phase in reversed(phases)])
    axes.set_xlim(0, 1.15 * max((100 * phase.cohort_persistent / phase.cohort for phase in phases), default=1))
    axes.set_xlabel("% of enrolments aged 5 to 15   (◆ East Midlands   ● England, published)")
    title = _phase_title(phases)
    caption = (
        "Enrolments that missed 10 % or more of their own possible sessions, year to date, ages 5 to 15 on 31 August."
        " Markers: DfE, pupil attendance in schools, 2025/26 to 10 July 2026."
    )
    return Chart("phases", title, caption, _svg(plot, "phases", title, caption))


def _trend_title(weeks: list[Absence]) -> str:
    if not weeks:
        return "No week has a known session yet"
    last = weeks[-1]
    average = 100 * sum(week.sessions_absent for week in weeks) / sum(week.sessions_possible for week in weeks)
    now = last.rate or 0.0
    word = "above" if now > average + 0.25 else "below" if now < average - 0.25 else "close to"
    return f"Absence in the latest week was {now:.1f} %, {word} the year's average of {average:.1f} %"


def _phase_title(phases: list[Absence]) -> str:
    if not phases:
        return "Too few enrolments to compare phases"
    highest = max(phases, key=lambda phase: phase.cohort_persistent / phase.cohort)
    share = 100 * highest.cohort_persistent / highest.cohort
    return f"Persistent absence is highest in {highest.name.lower()} schools, at {share:.1f} % of enrolments"


def _share(part: int, week: Absence) -> float:
    return 100 * part / week.sessions_possible


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"


def _figure(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams.update(
        {"svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["Arial"], "font.size": 10}
    )
    pyplot.style.use("afcharts.afcharts")
    plot, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    return plot, axes


def _dates(axes: Any) -> None:
    from matplotlib import dates

    library: Any = dates
    axes.xaxis.set_major_locator(library.MonthLocator())
    axes.xaxis.set_major_formatter(library.DateFormatter("%b"))


def _svg(plot: Any, key: str, title: str, caption: str) -> str:
    """The figure as inline SVG: named, described, without a fixed size, its ids its own, no metadata of the machine."""
    from matplotlib import pyplot

    buffer = io.StringIO()
    pyplot.rcParams["svg.hashsalt"] = key
    plot.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(plot)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'id="([^"]+)"', rf'id="{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', text)
    words = f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(caption)}</desc>'
    head, rest = text.split(">", 1)
    return f'{head} role="img" aria-labelledby="{key}-title {key}-desc">{words}{rest}'
