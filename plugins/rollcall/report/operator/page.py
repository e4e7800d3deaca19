"""The operator's page as HTML: one page, no script, readable by keyboard, phone and screen reader."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, Final

from rollcall.city import City
from rollcall.report.operator.figures import STAGES, OperatorFigures, SchoolLine, read_operator_figures
from rollcall.report.templating import page_environment
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.schema.ops import RELEASE_MEASURES

ORDER: Final = ("failed", "held", "silent", "late", "waiting", "superseded", "in", "unset")
SIGNS: Final = {
    "done": ("✓", "done"),
    "late": ("◐", "late"),
    "held": ("■", "held"),
    "failed": ("✕", "failed"),
    "silent": ("○", "silent"),
    "waiting": ("…", "waiting"),
    "superseded": ("–", "older, not used"),
    "-": ("", "not reached"),
}
THIN_PCT: Final = 95  # a day below it is worth a look; the marts' own limit for a rate is min_coverage_pct
Row = tuple[str, list[dict[str, Any] | None]]
URGENT: Final = ("failed", "held", "silent", "late")


def operator_page(connection: Connection, city: City, now: datetime, night: date | None = None) -> str:
    """The page of a night (default: the newest), as it stands at ``now``; an empty city has a page that says so."""
    figures = read_operator_figures(connection, city, night)
    environment = page_environment()
    environment.filters["short"] = lambda value: f"{value:%a} {value.day} {value:%b}"
    environment.filters["clock"] = lambda value: f"{value.day} {value:%B %H:%M %Z}" if value else "–"
    template = environment.get_template("operator.html.j2")
    if figures is None:
        return template.render(city=city, now=now, figures=None)
    schools = sorted(figures.schools, key=lambda line: (ORDER.index(line.status), line.label))
    counts = Counter(line.status for line in schools)
    coverage = _coverage(figures)
    return template.render(
        city=city,
        now=now,
        figures=figures,
        is_published=figures.published is not None and figures.published["night"] >= figures.night,
        counts=[(status, counts[status]) for status in ORDER if counts[status]],
        expected=len(schools),
        urgent=[line for line in schools if line.status in URGENT],
        schools=schools,
        stages=STAGES,
        signs=SIGNS,
        measures=RELEASE_MEASURES,
        ages={line.urn: _age(line, figures.night) for line in schools},
        commands={line.urn: _commands(line, figures) for line in schools},
        thin=[row for row in coverage if _least(row) < THIN_PCT],
        others=[row for row in coverage if _least(row) >= THIN_PCT],
        thin_pct=THIN_PCT,
    )


def _age(line: SchoolLine, night: date) -> str:
    """How long a school has not been wholly in, in words."""
    if line.last_whole is None:
        return "never whole yet"
    days = (night - line.last_whole).days
    return f"whole on {line.last_whole.day} {line.last_whole:%B}, {days} day{'s' if days != 1 else ''} before"


def _commands(line: SchoolLine, figures: OperatorFigures) -> list[tuple[str, str]]:
    """The exact commands that may help, with what each does; none for a school that is in."""
    if line.status not in URGENT:
        return []
    commands = [("ask this school again", f"rollcall night --date {figures.night} --school {line.urn}")]
    if line.urn in figures.effects:
        commands += [
            ("see what would move", f"rollcall release {line.urn} {figures.night} --dry-run"),
            ("load it, once the school has confirmed it", f"rollcall release {line.urn} {figures.night}"),
            ("then build and publish", f"rollcall build --date {figures.night}"),
        ]
    if line.urn in figures.holds:
        commands.append(("end the hold", f"rollcall hold {line.urn} --end"))
    return commands


def _coverage(figures: OperatorFigures) -> list[Row]:
    """The rows of the heat map, newest day first: the school with the least known day on top."""
    rows = [
        (line.label, [_cell(figures.coverage[line.urn].get(day)) for day in figures.days])
        for line in figures.schools
        if line.urn in figures.coverage
    ]
    return sorted(rows, key=lambda row: (_least(row), row[0]))


def _least(row: Row) -> int:
    return min(int(cell["share"]) for cell in row[1] if cell)


def _cell(pair: tuple[int, int] | None) -> dict[str, Any] | None:
    """One day: the whole per cent known (100 only where all of it is), and the step of its colour; None where closed."""
    if pair is None:
        return None
    known, expected = pair
    share = 100 if known == expected else min(99, 100 * known // expected)
    return {
        "share": share,
        "step": 3 if share == 100 else 2 if share >= THIN_PCT else 1 if share > 0 else 0,
        "pair": pair,
    }
