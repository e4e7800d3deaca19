"""Phases: DfE's cohort beside the published figures, and the phases that DfE's statistics leave out."""

from __future__ import annotations

from typing import Any, Final

from rollcall.report.disclosure import HIDDEN, Protected, nested_table, percent_text, protect
from rollcall.report.drawing.style import BLUE, GREY, ORANGE, chart, figure
from rollcall.report.figures import AREAS, STATISTICS, Absence, CityFigures
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.words import coverage_text, day_text, is_number, published_text

COLUMNS: Final = ("cohort", "persistent", "severe")


def phases_part(figures: CityFigures, shown: Protected, others_hidden: frozenset[tuple[str, str]]) -> Part:
    """The part: persistent absence by phase beside the published markers, then two tables of different children."""
    blocks: list[Prose | Table | Chart] = []
    comparable = [
        name for name in STATISTICS if name in figures.phases and is_number(shown.percent(name, "persistent", "cohort"))
    ]
    if comparable:
        blocks.append(_chart(figures, shown, comparable))
    blocks += [_statistics_table(figures, shown), _beside_table(figures, shown)]
    others = _others_table(figures, others_hidden)
    if others is not None:
        blocks += [others, prose("Nurseries, alternative provision and independent schools are not in DfE’s statistics:"
                                 " compare them with nothing on this page. A special school’s children often have"
                                 " medical needs: compare special schools with special schools only.", "note")]  # fmt: skip
    return Part("phases", "Phases", _title(shown, comparable), blocks)


def _title(shown: Protected, names: list[str]) -> str:
    if not names:
        return "Too few schools to compare phases"
    rates = {name: float(shown.percent(name, "persistent", "cohort")) for name in names}
    highest = max(rates, key=lambda name: rates[name])
    return f"Persistent absence is highest in {highest.lower()} schools, at {rates[highest]:.1f} % of enrolments"


def _chart(figures: CityFigures, shown: Protected, names: list[str]) -> Chart:
    plot, axes = figure(0.9 + 0.75 * len(names))
    rates = {name: float(shown.percent(name, "persistent", "cohort")) for name in names}
    marks: tuple[tuple[str, str, str], ...] = (("East Midlands", "D", ORANGE), ("England", "o", GREY))
    widest = 0.0
    for place, name in enumerate(reversed(names)):
        axes.barh(place, rates[name], height=0.5, color=BLUE)
        label: dict[str, Any] = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "weight": "bold"}
        most = max(
            [rates[name], *(float(figures.benchmarks.get((area, name, "persistent"), 0)) for area, _, _ in marks)]
        )
        widest = max(widest, most)
        axes.annotate(f"{rates[name]:.1f} %", (most, place), color=BLUE, **label)
        for area, marker, colour in marks:
            value = figures.benchmarks.get((area, name, "persistent"))
            if value is not None:
                axes.plot(float(value), place, marker, color=colour, markeredgecolor="white", markersize=9)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1.15 * widest)
    axes.set_xlabel("% of enrolments aged 5 to 15    ◆ East Midlands   ● England, published")
    caption = (
        "Enrolments that missed 10 % or more of their own possible sessions, % of enrolments, ages 5 to 15 on 31 August,"
        f" state-funded schools, {figures.published.academic_year} to {day_text(figures.published.night)}. Source:"
        f" schools’ registers; markers: {figures.benchmark_sources.get('persistent', 'DfE')}."
    )
    alternative = "Bar chart. " + "; ".join(
        f"{name}: {rates[name]:.1f} %, England {published_text(figures.benchmarks.get(('England', name, 'persistent')))} %"
        for name in names
    )
    return chart(plot, "phases", _title(shown, names), caption, alternative + ". Values stand in the table below.")


def _statistics_table(figures: CityFigures, shown: Protected) -> Table:
    lines = []
    for name in [*(name for name in STATISTICS if name in figures.phases), "All"]:
        phase = figures.phases.get(name, figures.statistics)
        key = name if name != "All" else "statistics"
        lines.append(
            Line(
                name,
                [
                    *_schools_and_coverage(phase, key),
                    Cell(shown.count(name, "cohort"), "phases.cohort", key),
                    *_counts(shown, name, "phases", key),
                ],
            )
        )
    return Table(
        "phases",
        "Phases",
        "Enrolments aged 5 to 15 in state-funded schools, year to date. Schools in and sessions known count every age.",
        ["Phase", "Schools in", "Sessions known %", "Enrolments", "Persistent", "Persistent %", "Severe", "Severe %"],
        lines,
    )


def _beside_table(figures: CityFigures, shown: Protected) -> Table:
    """Every published measure of every phase beside the city's."""
    lines = []
    for name in [*(name for name in STATISTICS if name in figures.phases), "All"]:
        phase, key = ("Total", "statistics") if name == "All" else (name, name)
        for measure in COLUMNS[1:]:
            published = [figures.benchmarks.get((area, phase, measure)) for area in AREAS]
            cells = [
                Cell(published_text(value), f"published.{measure}", f"{area}|{phase}")
                for area, value in zip(AREAS, published, strict=True)
            ]
            area = figures.phases.get(name, figures.statistics)
            own = [
                Cell(shown.count(name, "cohort"), "phases.cohort", key),
                Cell(coverage_text(area.sessions_known, area.sessions_expected), "phases.coverage_rate", key),
                Cell(shown.percent(name, measure, "cohort"), f"phases.{measure}_rate", key),
            ]
            lines.append(Line(f"{name}, {measure}", [*own, *cells]))
    return Table(
        "beside",
        "Beside published figures",
        "Persistent and severe absence, % of enrolments aged 5 to 15, beside DfE’s published figures. Persistent:"
        f" {figures.benchmark_sources.get('persistent', 'DfE')}. Severe: {figures.benchmark_sources.get('severe', 'DfE')},"
        " whole years by another method.",
        [
            "Phase and measure",
            "Enrolments",
            "Sessions known %",
            "This city %",
            *(f"{area}, published %" for area in AREAS),
        ],
        lines,
        "Beside published figures, as a table",
    )


def _others_table(figures: CityFigures, hidden: frozenset[tuple[str, str]]) -> Table | None:
    others = {name: phase for name, phase in figures.phases.items() if name not in STATISTICS}
    if not others:
        return None
    rows = {name: (phase.enrolments, phase.persistent, phase.severe) for name, phase in others.items()}
    schools = {name: phase.schools_expected for name, phase in others.items()}
    alone = protect(nested_table(rows, COLUMNS, schools=schools))
    # the schools' own packs show the parts: what those hide decides here too
    beside = {(name, "cohort" if column == "enrolments" else column) for name, column in hidden}
    shown = Protected(alone.table, alone.hidden | beside)
    lines = []
    for name, phase in others.items():
        rate = percent_text(
            phase.sessions_absent,
            phase.sessions_possible,
            children=phase.enrolments,
            schools=phase.schools_expected,
        )
        cells = [
            *_schools_and_coverage(phase, name),
            Cell(shown.count(name, "cohort"), "others.enrolments", name),
            Cell(HIDDEN if shown.is_hidden(name, "cohort") else rate, "others.absence_rate", name),
            *_counts(shown, name, "others", name),
        ]
        lines.append(Line(name, cells))
    columns = [
        "Phase",
        "Schools in",
        "Sessions known %",
        "Enrolments",
        "Absence %",
        "Persistent",
        "Persistent %",
        "Severe",
        "Severe %",
    ]
    return Table(
        "others",
        "Phases outside DfE’s statistics",
        "Enrolments of every age in phases outside DfE’s statistics, year to date.",
        columns,
        lines,
    )


def _schools_and_coverage(phase: Absence, key: str) -> list[Cell]:
    return [
        Cell(f"{phase.schools_in} of {phase.schools_expected}", "phases.schools_in", key),
        Cell(coverage_text(phase.sessions_known, phase.sessions_expected), "phases.coverage_rate", key),
    ]


def _counts(shown: Protected, row: str, table: str, key: str) -> list[Cell]:
    return [
        cell
        for name in COLUMNS[1:]
        for cell in (
            Cell(shown.count(row, name), f"{table}.{name}", key),
            Cell(shown.percent(row, name, "cohort"), f"{table}.{name}_rate", key),
        )
    ]
