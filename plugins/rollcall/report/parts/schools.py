"""Schools: a funnel plot for each kind of school; only those outside the limits are named, and there is no league table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from rollcall.report.disclosure import SMALLEST_DENOMINATOR, Protected, nested_table, protect
from rollcall.report.drawing.style import BLUE, GREY, PALE, chart, figure
from rollcall.report.figures import CityFigures
from rollcall.report.funnel import Funnel, fit_funnel
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text

_KINDS: Final = ("Primary", "Secondary", "Special")
_FEWEST_SCHOOLS: Final = 5
SCHOOLS: Final = """
    select
        absence.urn, schools.school_name, absence.dfe_phase as phase, absence.sessions_known, absence.sessions_expected,
        absence.dfe_enrolments as cohort, absence.dfe_enrolments_persistently_absent as persistent
    from serve.agg_school_absence as absence
    inner join serve.dim_schools as schools on absence.urn = schools.urn
    where absence.academic_year = %(year)s and absence.period_type = 'year' and absence.dfe_phase = any(%(kinds)s)
        and absence.dfe_enrolments > 0
    order by schools.school_name, absence.urn
"""
_MEANING: Final = (
    "A school outside the limits differs from schools of its kind by more than their size and their usual spread explain;"
    " about one in 20 lies outside the inner limits by chance alone. It says nothing of why: intake, one illness or one"
    " family may be behind it. It is a question to ask, not a judgement, and not a rank. Alternative provision, nurseries"
    " and independent schools are too few or too unlike each other to be compared."
)


@dataclass(frozen=True)
class Kind:
    """One kind of schools: those that may be shown, its funnel, and where each school lies."""

    name: str
    rows: tuple[Row, ...]
    shown: Protected
    visible: tuple[Row, ...]
    funnel: Funnel

    def place(self, row: Row) -> str:
        """Where a school lies."""
        return self.funnel.place(row["persistent"], row["cohort"])


def schools_part(reader: Reader, figures: CityFigures, hidden_kinds: frozenset[str]) -> Part:
    """The part. ``hidden_kinds``: kinds whose own totals are hidden on the page."""
    found: dict[str, list[Row]] = {}
    for row in reader.rows(SCHOOLS, kinds=list(_KINDS)):
        found.setdefault(row["phase"], []).append(row)
    kinds = [read_kind(name, found[name]) for name in _KINDS if name in found and name not in hidden_kinds]
    kinds = [kind for kind in kinds if len(kind.visible) >= _FEWEST_SCHOOLS]
    if not kinds:
        return Part("schools", "Schools", "Too few schools of one kind to compare", [])
    outside = [(kind, row) for kind in kinds for row in kind.visible if kind.place(row) != "within"]
    count = len(outside)
    heading = f"{count} schools lie outside what schools of their kind usually show"
    if count == 1:
        heading = "One school lies outside what schools of its kind usually show"
    if not outside:
        heading = "No school lies outside what schools of its kind usually show"
    numbers = {row["urn"]: place for place, (_, row) in enumerate(outside, start=1)}
    blocks: list[Prose | Table | Chart] = [_chart(kinds, numbers, heading, figures)]
    if outside:
        blocks.append(_outside_table(outside, numbers))
    blocks += [_positions_table(kinds), prose(_MEANING, "note")]
    return Part("schools", "Schools", heading, blocks)


def read_kind(name: str, rows: list[Row]) -> Kind:
    """A kind's funnel over all its schools, and the schools that disclosure lets be seen."""
    counts = {str(row["urn"]): (int(row["cohort"]), int(row["persistent"])) for row in rows}
    total = (sum(cohort for cohort, _ in counts.values()), sum(part for _, part in counts.values()))
    shown = protect(nested_table(counts, ("cohort", "persistent"), total=total))
    visible = tuple(
        row
        for row in rows
        if row["cohort"] >= SMALLEST_DENOMINATOR
        and not shown.is_hidden(str(row["urn"]), "cohort")
        and not shown.is_hidden(str(row["urn"]), "persistent")
    )
    return Kind(name, tuple(rows), shown, visible, fit_funnel([(part, cohort) for cohort, part in counts.values()]))


def _chart(kinds: list[Kind], numbers: dict[int, int], title: str, figures: CityFigures) -> Chart:
    plot, panels = figure(3.4, panels=len(kinds))
    for axes, kind in zip([panels] if len(kinds) == 1 else panels, kinds, strict=True):
        sizes = [row["cohort"] for row in kind.visible]
        most = 1.08 * max(sizes)
        steps = [int(max(SMALLEST_DENOMINATOR, most * step / 60)) for step in range(1, 61)]
        for level, style in (("95", (0, (4, 2))), ("99.8", "solid")):
            for side in (0, 1):
                values = [100 * kind.funnel.limits(size, level)[side] for size in steps]
                axes.plot(steps, values, color=PALE, linewidth=1, linestyle=style)
        axes.axhline(100 * kind.funnel.target, color=GREY, linewidth=1)
        for row in kind.visible:
            is_outside = kind.place(row) != "within"
            rate = 100 * row["persistent"] / row["cohort"]
            axes.plot(
                row["cohort"], rate, "D" if is_outside else "o", color=BLUE if is_outside else PALE,
                markersize=6 if is_outside else 4, markeredgecolor="white", zorder=3,
            )  # fmt: skip
        axes.set_title(f"{kind.name}: {100 * kind.funnel.target:.1f} %", fontsize=11, loc="left")
        axes.set_xlim(0, most)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("enrolments aged 5 to 15")
        _number_outside(axes, kind, numbers)
    (panels if len(kinds) == 1 else panels[0]).set_ylabel("% persistently absent")
    hidden = sum(len(kind.rows) - len(kind.visible) for kind in kinds)
    caption = (
        "Each mark is a school: enrolments aged 5 to 15 that missed 10 % or more of their own possible sessions, %,"
        f" against their number, state-funded schools, {figures.published.academic_year} to"
        f" {day_text(figures.published.night)}. Middle line: rate of the kind. Dashed and solid: limits that 95 % and"
        " 99.8 % of schools lie within, widened by how much schools of the kind differ anyway."
        + (f" {hidden} schools are not shown, so that no child is singled out." if hidden else "")
        + " Source: schools’ registers."
    )
    named = [str(row["school_name"]) for kind in kinds for row in kind.visible if kind.place(row) != "within"]
    alternative = (
        f"Funnel plots of {', '.join(kind.name.lower() for kind in kinds)} schools. Outside the limits: "
        + (", ".join(named) if named else "none")
        + ". How many schools lie where stands in the tables below."
    )
    return chart(plot, "schools", title, caption, alternative)


def _number_outside(axes: Any, kind: Kind, numbers: dict[int, int]) -> None:
    """Write the number of each school outside the limits beside its mark, left and right in turn, never on another."""
    outside = sorted(
        ((100 * row["persistent"] / row["cohort"], row) for row in kind.visible if row["urn"] in numbers),
        key=lambda item: item[0],
    )
    gap = 0.055 * axes.get_ylim()[1]
    last = {-1: -gap, 1: -gap}
    for turn, (rate, row) in enumerate(outside):
        side = 1 if turn % 2 else -1
        height = last[side] = max(rate, last[side] + gap)
        axes.annotate(
            str(numbers[row["urn"]]), (row["cohort"], rate),
            xytext=(row["cohort"] + side * 0.09 * axes.get_xlim()[1], height),
            ha="center", va="center", fontsize=9, color=BLUE,
            arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.8, "shrinkA": 4, "shrinkB": 3},
        )  # fmt: skip


def _outside_table(outside: list[tuple[Kind, Row]], numbers: dict[int, int]) -> Table:
    lines = []
    for kind, row in outside:
        urn, place = str(row["urn"]), kind.place(row)
        side, level = place.split(" ")
        lower, upper = kind.funnel.limits(row["cohort"], level)
        lines.append(
            Line(
                f"{numbers[row['urn']]}. {row['school_name']}",
                [
                    kind.name,
                    Cell(kind.shown.count(urn, "cohort"), "schools.cohort", urn),
                    Cell(kind.shown.count(urn, "persistent"), "schools.persistent", urn),
                    Cell(kind.shown.percent(urn, "persistent", "cohort"), "schools.persistent_rate", urn),
                    Cell(f"{100 * lower:.1f} to {100 * upper:.1f}", f"schools.limits_{level}", urn),
                    f"{side}\u00a0{level}\u00a0%",
                    Cell(coverage_text(row["sessions_known"], row["sessions_expected"]), "schools.coverage_rate", urn),
                ],
            )
        )
    return Table(
        "outside",
        "Schools outside the limits",
        "Schools outside the limits, in order of name within their kind, with the limits for their size; the numbers are"
        " those of the chart",
        ["School", "Kind", "Enrolments", "Persistent", "Persistent %", "Limits %", "Where", "Sessions known %"],
        lines,
    )


def _positions_table(kinds: list[Kind]) -> Table:
    lines = []
    for kind in kinds:
        places = [kind.place(row) for row in kind.visible]
        counts = [places.count("above 99.8"), places.count("above 95"), places.count("within")]
        counts += [places.count("below 95"), places.count("below 99.8"), len(kind.rows) - len(places)]
        names = ("above_99.8", "above_95", "within", "below_95", "below_99.8", "not_shown")
        cells = [Cell(str(count), f"positions.{name}", kind.name) for name, count in zip(names, counts, strict=True)]
        known, due = (sum(row[name] for row in kind.rows) for name in ("sessions_known", "sessions_expected"))
        lines.append(Line(kind.name, [*cells, Cell(coverage_text(known, due), "positions.coverage_rate", kind.name)]))
    columns = [
        "Kind",
        "Above 99.8 %",
        "Above 95 %",
        "Within",
        "Below 95 %",
        "Below 99.8 %",
        "Not shown",
        "Sessions known %",
    ]
    return Table(
        "positions",
        "How many schools lie where",
        "Schools by where they lie",
        columns,
        lines,
        "How many schools lie where",
    )
