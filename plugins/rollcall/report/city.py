"""The city report, first edition: one self-contained, printable, accessible page for a strategic lead."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from rollcall.city import City
from rollcall.report.charts import phase_chart, trend_chart
from rollcall.report.disclosure import HIDDEN, count_text, percent_text
from rollcall.report.figures import Absence, CityFigures, read_figures
from rollcall.warehouse.connect import Connection

RULES: Final = {
    "leaver_no_arrival": "Left a city school, no arrival at another one seen",
    "no_show_starter": "On a new school's roll, but has never attended",
    "deleted_20_day_ground": "Taken off the roll after 20 school days' unexplained absence (ground i)",
    "transfer_gap": "Left for a named school and has not arrived there",
    "off_roll_everywhere": "Known to the council, on no roll of the city ever, no case open",
    "ehe_ended_no_school": "Home education has ended, on no roll since",
    "ehe_unsuitable": "Home education assessed as unsuitable, on no roll",
    "offer_not_started": "Has a place, and the day of the start has passed",
    "application_without_place": "Without a school place: no application, or one that stands open",
}
_MEASURES: Final = (
    ("Absence", "% of possible sessions", "overall", "cohort_absent", "cohort_possible"),
    ("Persistent absence", "% of enrolments missing 10 % or more", "persistent", "cohort_persistent", "cohort"),
    ("Severe absence", "% of enrolments missing 50 % or more", "severe", "cohort_severe", "cohort"),
)
_AREAS: Final = ("Derby", "East Midlands", "England")


def write_city_report(connection: Connection, city: City, folder: Path) -> list[Path]:
    """Write the page of the published set, keep the night's edition beside it, and list both in a manifest.

    Every file is written aside and renamed into place, so that a reader never opens half a page.
    """
    figures = read_figures(connection)
    page = render(city, figures)
    edition = folder / "editions" / f"city-report-{figures.night}.html"
    paths = [edition, folder / "city-report.html"]
    for path in paths:
        _write(path, page)
    manifest = {
        "night": str(figures.night),
        "known_at": figures.known_at.isoformat(),
        "code_version": figures.code_version,
        "sha256": hashlib.sha256(page.encode()).hexdigest(),
    }
    _write(folder / "city-report.json", json.dumps(manifest, indent=2))
    return [path.relative_to(folder) for path in paths]


def render(city: City, figures: CityFigures) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("rollcall.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = lambda value: f"{value.day} {value:%B %Y}" if value else "none yet"
    template = environment.get_template("city.html.j2")
    return template.render(
        city=city,
        figures=figures,
        headline=[_headline(figures, *measure) for measure in _MEASURES],
        areas=_AREAS,
        phases=[_phase(phase) for phase in figures.phases],
        candidates=[(RULES.get(rule, rule), count_text(count)) for rule, count in figures.candidates],
        sentences=sentences(figures),
        charts=[trend_chart(figures), phase_chart(figures)],
        weeks=[_week(week) for week in figures.weeks if week.sessions_possible],
        coverage=percent_text(
            figures.city.sessions_known, figures.city.sessions_expected, children=figures.city.enrolments
        ),
    )


def sentences(figures: CityFigures) -> list[str]:
    """Three sentences in plain English: how much, for whom, how sure. Each carries its figure."""
    whole, city = figures.statistics, figures.city
    england = figures.benchmarks.get(("England", "Total", "persistent"))
    persistent = percent_text(whole.cohort_persistent, whole.cohort, children=whole.cohort)
    first = (
        f"Children of school age missed {percent_text(whole.cohort_absent, whole.cohort_possible, children=whole.cohort)} %"
        f" of their possible sessions this year to date, and {persistent} % were persistently absent"
        f" (absent for 10 % or more of their possible sessions)"
        + (f"; for England DfE published {england:.1f} %." if england is not None else ".")
    )
    severe = percent_text(whole.cohort_severe, whole.cohort, children=whole.cohort)
    second = (
        f"{count_text(whole.cohort_severe)} enrolments ({severe} %) missed half or more of their possible sessions, and"
        f" {_looked_for(figures)} may be missing education and are to be looked for."
    )
    missing = [note for note in figures.notes if note.status != "unset"]
    known = percent_text(city.sessions_known, city.sessions_expected, children=city.enrolments)
    third = (
        f"The figures rest on {known} % of all"
        f" expected sessions and {city.schools_in} of {city.schools_expected} schools on the last school day"
        + (f"; {len(missing)} schools are not wholly in and are named below." if missing else ".")
    )
    return [first, second, third]


def _looked_for(figures: CityFigures) -> str:
    """How many children the rules raised; no total where a rule's own count is hidden, or it could be worked out."""
    if any(count_text(count) == HIDDEN for _, count in figures.candidates):
        return "some children (by rule below)"
    return f"{count_text(figures.children_looked_for)} children"


def _headline(figures: CityFigures, name: str, unit: str, measure: str, part: str, whole: str) -> dict[str, Any]:
    counts = figures.statistics
    published = {area: figures.benchmarks.get((area, "Total", measure)) for area in _AREAS}
    value = percent_text(getattr(counts, part), getattr(counts, whole), children=counts.cohort)
    return {
        "name": name,
        "unit": unit,
        "value": value,
        "published": {k: f"{v:.1f}" for k, v in published.items() if v is not None},
    }


def _phase(phase: Absence) -> dict[str, str]:
    cohort = phase.cohort

    def share(part: int, whole: int, children: int) -> str:
        return percent_text(part, whole, children=children, schools=phase.schools_expected)

    return {
        "name": phase.name,
        "schools": f"{phase.schools_in} of {phase.schools_expected}",
        "enrolments": HIDDEN if phase.schools_expected == 1 else count_text(phase.enrolments),
        "coverage": percent_text(phase.sessions_known, phase.sessions_expected, children=phase.enrolments),
        "absence": share(phase.sessions_absent, phase.sessions_possible, phase.enrolments),
        "persistent": share(phase.cohort_persistent, cohort, cohort) if cohort else "z",
        "severe": share(phase.cohort_severe, cohort, cohort) if cohort else "z",
    }


def _week(week: Absence) -> dict[str, str | date | None]:
    children = week.enrolments
    return {
        "first_week": week.first_week,
        "absence": percent_text(week.sessions_absent, week.sessions_possible, children=children),
        "authorised": percent_text(week.sessions_authorised, week.sessions_possible, children=children),
        "unauthorised": percent_text(week.sessions_unauthorised, week.sessions_possible, children=children),
        "coverage": percent_text(week.sessions_known, week.sessions_expected, children=children),
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(path.suffix + ".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
