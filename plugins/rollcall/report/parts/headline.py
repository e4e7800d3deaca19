"""Headline: three rates of DfE's cohort, each with its counts, beside what DfE published for the same measure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rollcall.report.disclosure import Protected, nested_table, percent_text, protect
from rollcall.report.figures import AREAS, STATISTICS, CityFigures
from rollcall.report.page import Cell
from rollcall.report.words import is_number, points_text, published_text

COLUMNS: Final = ("cohort", "persistent", "severe")


@dataclass(frozen=True)
class Headline:
    """One card: a rate, what it counts, and published rates with the difference in percentage points."""

    name: str
    rate: Cell
    part: Cell
    whole: Cell
    unit: str
    published: tuple[tuple[str, Cell, str], ...]


def protected_phases(figures: CityFigures) -> Protected:
    """DfE's cohort by phase, with the total of the headline: what may be shown of either."""
    rows = {
        name: (phase.cohort, phase.cohort_persistent, phase.cohort_severe)
        for name, phase in figures.phases.items()
        if name in STATISTICS
    }
    total = figures.statistics
    table = nested_table(
        rows,
        COLUMNS,
        # the groups of every other table add up to it: it could not be hidden here
        total=(total.cohort, total.cohort_persistent, total.cohort_severe),
        schools={name: figures.phases[name].schools_expected for name in rows},
    )
    return protect(table)


def headlines(figures: CityFigures, shown: Protected) -> list[Headline]:
    """The three cards."""
    total = figures.statistics
    rate = percent_text(total.cohort_absent, total.cohort_possible, children=total.cohort)
    return [
        Headline(
            "Absence",
            Cell(rate, "headline.absence_rate", "statistics"),
            Cell(f"{total.cohort_absent:,}", "headline.sessions_absent", "statistics"),
            Cell(f"{total.cohort_possible:,}", "headline.sessions_possible", "statistics"),
            "possible sessions missed",
            _published(figures, "overall", rate),
        ),
        _of_enrolments(figures, shown, "Persistent absence", "persistent", "enrolments that missed 10 % or more"),
        _of_enrolments(figures, shown, "Severe absence", "severe", "enrolments that missed 50 % or more"),
    ]


def _of_enrolments(figures: CityFigures, shown: Protected, name: str, column: str, unit: str) -> Headline:
    rate = shown.percent("All", column, "cohort")
    return Headline(
        name,
        Cell(rate, f"headline.{column}_rate", "statistics"),
        Cell(shown.count("All", column), f"headline.{column}", "statistics"),
        Cell(shown.count("All", "cohort"), "headline.cohort", "statistics"),
        unit,
        _published(figures, column, rate),
    )


def _published(figures: CityFigures, measure: str, rate: str) -> tuple[tuple[str, Cell, str], ...]:
    lines = []
    for area in AREAS:
        value = figures.benchmarks.get((area, "Total", measure))
        if value is not None:
            text = published_text(value)
            difference = points_text(float(Decimal(rate) - Decimal(text))) if is_number(rate) else rate
            lines.append((area, Cell(text, f"published.{measure}", f"{area}|Total"), difference))
    return tuple(lines)
