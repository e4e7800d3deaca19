"""What all charts share: palette, a figure of matplotlib, and its SVG made fit for a page."""

from __future__ import annotations

import io
import re
from functools import cache
from html import escape
from typing import Any, Final

from rollcall.report.page import Chart

BLUE: Final = "#12436D"
TURQUOISE: Final = "#28A197"
PLUM: Final = "#801650"
ORANGE: Final = "#F46A25"
GREY: Final = "#3D3D3D"
PALE: Final = "#8C9196"
SEQUENTIAL: Final = ("#6BACE6", "#2073BC", "#12436D")
WIDTH: Final = 7.6


@cache
def library() -> Any:
    """matplotlib's pyplot in the style of the pages, made ready at the first call."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.style.use("afcharts.afcharts")
    pyplot.rcParams.update({"svg.fonttype": "none", "font.size": 10, "axes.labelsize": 10})
    return pyplot


def figure(height: float, panels: int = 1) -> tuple[Any, Any]:
    """A figure of the page's width (inches), and its axes: one, or an array where there are several panels."""
    return library().subplots(ncols=panels, figsize=(WIDTH, height), layout="constrained")  # type: ignore[no-any-return]


def months(axes: Any) -> None:
    """Name the months below an axis of days."""
    from matplotlib import dates

    ticks: Any = dates
    axes.xaxis.set_major_locator(ticks.MonthLocator())
    axes.xaxis.set_major_formatter(ticks.DateFormatter("%b"))


def chart(plot: Any, key: str, title: str, caption: str, alternative: str) -> Chart:
    """A finished figure as a chart of the page; ``alternative`` is read in place of the picture."""
    buffer = io.StringIO()
    pyplot = library()
    pyplot.rcParams["svg.hashsalt"] = key
    plot.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(plot)
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'id="([^"]+)"', rf'id="{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', text)
    return Chart(key, title, caption, named(text, key, title, alternative))


def named(svg: str, key: str, title: str, alternative: str) -> str:
    """An SVG with its name and description for those who do not see it."""
    words = f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(alternative)}</desc>'
    head, rest = svg.split(">", 1)
    return f'{head} role="img" aria-labelledby="{key}-title {key}-desc">{words}{rest}'
