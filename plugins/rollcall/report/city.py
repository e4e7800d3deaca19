"""The city report: one self-contained, printable, accessible page for a strategic lead, and its editions."""

from __future__ import annotations

from pathlib import Path

from rollcall.city import City
from rollcall.report.definitions import DEFINITIONS
from rollcall.report.disclosure import SYMBOLS
from rollcall.report.editions import keep_editions
from rollcall.report.figures import STATISTICS, CityFigures, read_figures
from rollcall.report.page import Part
from rollcall.report.parts.groups import groups_part
from rollcall.report.parts.headline import headlines, protected_phases
from rollcall.report.parts.missing import missing_part
from rollcall.report.parts.movement import movement
from rollcall.report.parts.movers import movers_part, read_movers
from rollcall.report.parts.phases import phases_part
from rollcall.report.parts.place import place_part
from rollcall.report.parts.quality import corrected_sessions, quality_part, revisions_part, settled_text
from rollcall.report.parts.reasons import reasons_part
from rollcall.report.parts.schools import schools_part
from rollcall.report.parts.trend import trend_part
from rollcall.report.plan import others_hidden
from rollcall.report.plan_queries import ALL_SCHOOLS
from rollcall.report.reading import Reader
from rollcall.report.templating import page_environment
from rollcall.report.words import coverage_text
from rollcall.warehouse.connect import Connection


def write_city_report(connection: Connection, city: City, folder: Path) -> list[Path]:
    """Write the page of the published set, keep the editions that it belongs to, and renew the index; the PDF comes after.

    Every file is written aside and renamed into place, so that a reader never opens half a page. Returns the files written,
    relative to the folder.
    """
    reader = Reader(connection)
    return keep_editions(render(reader, city), reader.published, city, folder)


def render(reader: Reader, city: City) -> str:
    """The page as HTML."""
    figures = read_figures(reader)
    shown = protected_phases(figures)
    movers = read_movers(reader)
    hidden = frozenset(
        name
        for name in STATISTICS
        if name in figures.phases and any(shown.is_hidden(name, column) for column in ("cohort", "persistent"))
    )
    parts: list[Part] = [
        trend_part(figures),
        place_part(reader, figures, city),
        phases_part(figures, shown, others_hidden(reader.rows(ALL_SCHOOLS))),
        schools_part(reader, figures, hidden),
        groups_part(reader, figures),
        movers_part(reader, movers),
        reasons_part(reader, figures),
        missing_part(reader),
        quality_part(reader, figures),
        revisions_part(reader),
    ]
    return page_environment().get_template("city.html.j2").render(
        city=city,
        published=figures.published,
        city_row=figures.city,
        statistics=figures.statistics,
        coverage=coverage_text(figures.city.sessions_known, figures.city.sessions_expected),
        statistics_coverage=coverage_text(figures.statistics.sessions_known, figures.statistics.sessions_expected),
        sentences=movement(figures, movers, corrected_sessions(reader)),
        settled=settled_text(figures),
        headline=headlines(figures, shown),
        sources="; ".join(_sources(figures)),
        parts=parts,
        definitions=DEFINITIONS,
        symbols=SYMBOLS,
    )  # fmt: skip


def _sources(figures: CityFigures) -> list[str]:
    return sorted(
        {
            figures.benchmark_sources[name]
            for name in ("overall", "persistent", "severe")
            if name in figures.benchmark_sources
        }
    )
