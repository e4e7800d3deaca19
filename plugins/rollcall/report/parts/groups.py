"""Groups and gaps: persistent and severe absence by group of children, each beside the rest."""

from __future__ import annotations

import csv
from typing import Final

from rollcall.report.disclosure import Protected, nested_table, percent_text, protect
from rollcall.report.drawing.style import BLUE, GREY, PALE, chart, figure
from rollcall.report.figures import CityFigures
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text, is_number
from rollcall.settings import PROJECT_ROOT

COLUMNS: Final = ("cohort", "persistent", "severe")
GROUPS: Final = """
    select
        dimension, group_name, schools, sessions_expected, sessions_expected - sessions_unknown as sessions_known,
        sessions_possible, sessions_absent, enrolments, dfe_enrolments as cohort,
        dfe_enrolments_persistently_absent as persistent, dfe_enrolments_severely_absent as severe
    from serve.agg_group_absence
    where area_type = 'city' and academic_year = %(year)s and period_type = 'year' and dimension = any(%(dimensions)s)
    order by group_name
"""
# dimension of the mart -> heading on the page, and the group that the chart shows against all others (None: every group)
_DIMENSIONS: Final = {
    "free school meals": ("Eligible for free school meals", "free school meals"),
    "SEN provision": ("Special educational needs", None),
    "looked after": ("Children looked after", "looked after"),
    "in need": ("Children in need", "in need"),
    "protection plan": ("On a child protection plan", "on a protection plan"),
    "sex": ("Sex", None),
    "EAL": ("First language", "EAL"),
    "year group": ("Year group", None),
    "ethnic group": ("Ethnic group, and ethnicity", None),
}
_YEARS: Final = ("N1", "N2", "R", *map(str, range(1, 14)))
_WORDS: Final = {"EAL": "English is an additional language", "not EAL": "English is the first language"}


def groups_part(reader: Reader, figures: CityFigures) -> Part:
    """The part: a chart of gaps to the city's rate, and every group with its counts and coverage."""
    rows = reader.rows(GROUPS, dimensions=[*_DIMENSIONS, "ethnicity"])
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["dimension"], []).append(row)
    found = {name: _in_order(name, found[name]) for name in found}
    shown = {name: protect_dimension(name, found) for name in _DIMENSIONS if name in found}
    blocks: list[Prose | Table | Chart] = []
    gaps = _gaps(shown, found)
    if gaps:
        blocks.append(_chart(gaps, figures))
    blocks.append(_table(found, shown))
    blocks.append(
        prose(
            "A gap is a difference between groups, not its cause; a child is in many groups. DfE publishes absence by"
            " group after the year’s end and by another method; its year-to-date release and its Local Authority"
            " Interactive Tool give phases only. So no published figure stands beside these.",
            "note",
        )
    )
    return Part("groups", "Groups", _title(gaps, figures), blocks)


def protect_dimension(name: str, found: dict[str, list[Row]]) -> Protected:
    """One dimension's groups under disclosure, beside the city's sum; ethnicities are parts of their ethnic groups."""
    rows = {row["group_name"]: _counts(row) for row in found[name]}
    schools = {row["group_name"]: int(row["schools"]) for row in found[name]}
    parents: dict[str, str] = {}
    if name == "ethnic group":
        groups = _ethnic_groups()
        for row in found.get("ethnicity", []):
            rows[_ethnicity(row)] = _counts(row)
            schools[_ethnicity(row)] = int(row["schools"])
            parents[_ethnicity(row)] = groups[row["group_name"]]
    summed = tuple(sum(rows[row][place] for row in rows if row not in parents) for place in range(3))
    return protect(nested_table(rows, COLUMNS, total=summed, schools=schools, parents=parents))


def _counts(row: Row) -> tuple[int, int, int]:
    return (row["cohort"], row["persistent"], row["severe"])


def _ethnicity(row: Row) -> str:
    return f"ethnicity {row['group_name']}"


def _ethnic_groups() -> dict[str, str]:
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "ethnic_groups.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["ethnicity_name"]: row["ethnic_group"] for row in csv.DictReader(file)}


def _in_order(dimension: str, rows: list[Row]) -> list[Row]:
    if dimension == "year group":
        return sorted(rows, key=lambda row: _YEARS.index(row["group_name"]) if row["group_name"] in _YEARS else 99)
    first = _DIMENSIONS.get(dimension, ("", None))[1]
    return sorted(rows, key=lambda row: (row["group_name"] != first, row["group_name"]))


def _gaps(shown: dict[str, Protected], found: dict[str, list[Row]]) -> list[tuple[str, float, int]]:
    """Group, its persistent rate and its children, highest first: the named group of each dimension, or all of them."""
    gaps = []
    for dimension, (heading, only) in _DIMENSIONS.items():
        if dimension not in shown or dimension in ("sex", "year group"):
            continue
        table = shown[dimension]
        for name in (row["group_name"] for row in found[dimension]):
            text = table.percent(name, "persistent", "cohort")
            if (only is None or name == only) and not name.startswith(("no SEN", "not known")) and is_number(text):
                label = heading if only else f"Ethnic group: {name}" if dimension == "ethnic group" else name
                gaps.append((_WORDS.get(name, label), float(text), table.table.counts[name, "cohort"]))
    return sorted(gaps, key=lambda gap: (-gap[1], gap[0]))


def _title(gaps: list[tuple[str, float, int]], figures: CityFigures) -> str:
    if not gaps:
        return "Too few children to compare groups"
    total = figures.statistics
    city = 100 * total.cohort_persistent / total.cohort
    return f"{gaps[0][0]}: {gaps[0][1]:.1f} % are persistently absent, against {city:.1f} % of all"


def _chart(gaps: list[tuple[str, float, int]], figures: CityFigures) -> Chart:
    total = figures.statistics
    city = 100 * total.cohort_persistent / total.cohort
    plot, axes = figure(0.8 + 0.28 * len(gaps))
    for place, (_, rate, _children) in enumerate(reversed(gaps)):
        axes.plot([city, rate], [place, place], color=PALE, linewidth=2, zorder=1)
        axes.plot(rate, place, "o", color=BLUE, markersize=8, zorder=2)
        axes.annotate(
            f"{rate:.1f} %",
            (rate, place),
            xytext=(8 if rate >= city else -8, 0),
            textcoords="offset points",
            va="center",
            ha="left" if rate >= city else "right",
            color=BLUE,
        )
    axes.axvline(city, color=GREY, linewidth=1)
    axes.annotate(f" all {city:.1f} %", (city, len(gaps) - 0.35), color=GREY, ha="left", va="center")
    axes.set_yticks(range(len(gaps)), [name for name, _, _ in reversed(gaps)])
    axes.set_ylim(-0.7, len(gaps) + 0.2)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1.15 * max(rate for _, rate, _ in gaps))
    axes.set_xlabel("% of enrolments aged 5 to 15 persistently absent")
    caption = (
        "Enrolments that missed 10 % or more of their own possible sessions, % of the group’s enrolments, ages 5 to 15,"
        f" state-funded schools, {figures.published.academic_year} to {day_text(figures.published.night)}; the line is the"
        " city’s rate. A group’s dates decide: a session counts in the group of its own week. Source: schools’ registers,"
        " the council’s records of social care."
    )
    alternative = "Dot chart. " + "; ".join(f"{name} {rate:.1f} %" for name, rate, _ in gaps)
    return chart(
        plot,
        "groups",
        _title(gaps, figures),
        caption,
        f"{alternative}; city {city:.1f} %. Values stand in the table below.",
    )


def _table(found: dict[str, list[Row]], shown: dict[str, Protected]) -> Table:
    lines: list[Line] = []
    for dimension, (heading, _) in _DIMENSIONS.items():
        if dimension not in shown:
            continue
        lines.append(Line(heading, is_group=True))
        for row in found[dimension]:
            lines.append(_line(row, shown[dimension], row["group_name"]))
        if dimension == "ethnic group":
            lines += [_line(row, shown[dimension], _ethnicity(row)) for row in found.get("ethnicity", [])]
    columns = [
        "Group",
        "Enrolments",
        "Persistent",
        "Persistent %",
        "Severe",
        "Severe %",
        "Absence %",
        "Sessions known %",
    ]
    return Table(
        "groups",
        "Groups",
        "Year to date. Enrolments, persistent and severe: ages 5 to 15, state-funded schools. Absence and sessions known:"
        " every age and school.",
        columns,
        lines,
        "Every group as a table",
    )


def _line(row: Row, shown: Protected, name: str) -> Line:
    key = f"{row['dimension']}|{row['group_name']}"
    absence = percent_text(
        row["sessions_absent"], row["sessions_possible"], children=row["enrolments"], schools=row["schools"]
    )
    cells = [Cell(shown.count(name, "cohort"), "groups.cohort", key)]
    for column in COLUMNS[1:]:
        cells.append(Cell(shown.count(name, column), f"groups.{column}", key))
        cells.append(Cell(shown.percent(name, column, "cohort"), f"groups.{column}_rate", key))
    cells.append(Cell(absence, "groups.absence_rate", key))
    cells.append(Cell(coverage_text(row["sessions_known"], row["sessions_expected"]), "groups.coverage_rate", key))
    label = f"Year {row['group_name']}" if row["dimension"] == "year group" and row["group_name"].isdigit() else None
    words = {"R": "Reception", "N1": "Nursery 1", "N2": "Nursery 2", **_WORDS}
    return Line(label or words.get(row["group_name"], row["group_name"][:1].upper() + row["group_name"][1:]), cells)
