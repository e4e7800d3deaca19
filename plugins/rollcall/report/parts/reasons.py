"""Reasons: absent sessions by code, for every 1,000 possible ones."""

from __future__ import annotations

from typing import Final

from rollcall.report.disclosure import ALL, NOT_AVAILABLE, CountTable, Protected, decimal_text, is_small, protect
from rollcall.report.drawing.style import BLUE, PLUM, chart, figure
from rollcall.report.figures import CityFigures
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text

_SHOWN_IN_CHART: Final = 10
_AREAS: Final = ("Derby", "England")
_REASONS: Final = """
    select shares.code, shares.code_name, shares.category, shares.sessions, shares.sessions_possible,
        coalesce(children.children, 0) as children
    from serve.agg_code_shares as shares
    left join (
        select code, count(person_id) as children
        from (select distinct code, person_id from serve.fct_enrolment_codes where academic_year = %(year)s) as each_child
        group by code
    ) as children on shares.code = children.code
    where shares.area = 'City' and shares.category in ('absent_authorised', 'absent_unauthorised')
    order by shares.sessions desc, shares.code
"""
_SHORT: Final = {
    "C2": "Temporary part-time timetable",
    "E": "Suspended or excluded",
    "O": "Other or unknown circumstances",
    "N": "No reason known yet",
    "J1": "Interview",
    "S": "Study leave",
    "T": "Parent travelling for work",
    "C1": "Performance or employment abroad",
}
_PUBLISHED: Final = """
    select area, code, sessions, sessions_possible, source from serve.dim_dfe_code_shares
    where academic_year = %(year)s and dfe_phase = 'Total'
"""
_KINDS: Final = {"absent_authorised": "Authorised", "absent_unauthorised": "Unauthorised"}


def reasons_part(reader: Reader, figures: CityFigures) -> Part:
    """The part: the commonest reasons as bars, all of them as a table beside what DfE published."""
    rows = reader.rows(_REASONS)
    if not rows or not rows[0]["sessions_possible"]:
        return Part("reasons", "Reasons", "No absence is known yet")
    shown = protect_reasons(rows)
    visible = [row for row in rows if not shown.is_hidden(row["code"])][:_SHOWN_IN_CHART]
    blocks: list[Chart | Table | Prose] = [_chart(visible, figures)] if visible else []
    published = reader.rows(_PUBLISHED)
    blocks += [_table(rows, shown, figures, published), _note(published)]
    return Part("reasons", "Reasons", _title(visible), blocks)


def _published(published: list[Row], codes: list[str], key: str) -> list[Cell]:
    """What DfE published of these codes together, per 1,000 possible sessions; ``x`` where it has none of them."""
    cells = []
    for area in _AREAS:
        found = [row for row in published if row["area"] == area and row["code"] in codes]
        sessions = sum(row["sessions"] for row in found)
        text = decimal_text(sessions, found[0]["sessions_possible"], 1000) if found else NOT_AVAILABLE
        cells.append(Cell(text, "published.reasons_per_1000", f"{area}|{key}"))
    return cells


def _note(published: list[Row]) -> Prose:
    if not published:
        return prose("DfE’s sessions by code are not held for this year: x stands where they would.", "note")
    return prose(
        "Published: {source}: the same codes over possible sessions, but of ages 5 to 15 in state-funded schools only,"
        " where this page counts every school and age. Other ages and independent schools may be behind a difference;"
        " study leave (S) cannot be compared. x: DfE shows no such code. Contains public sector information licensed under"
        " the Open Government Licence v3.0.",
        "note",
        source="; ".join(sorted({row["source"] for row in published})),
    )


def protect_reasons(rows: list[Row]) -> Protected:
    """Sessions by code under disclosure: a code of fewer than five children is hidden and is no rest of a total."""
    table = CountTable()
    for row in rows:
        table.add(row["code"], int(row["sessions"]))
        if is_small(row["children"]):
            table.sensitive.add(row["code"])
    for kind in _KINDS:
        codes = [row["code"] for row in rows if row["category"] == kind]
        table.add(kind, sum(table.counts[code] for code in codes))
        table.add_sum(kind, codes)
    table.add(ALL, sum(table.counts[kind] for kind in _KINDS))
    table.add_sum(ALL, list(_KINDS))
    table.fixed = {ALL, *_KINDS}
    return protect(table)


def _per_1000(row: Row) -> str:
    return decimal_text(row["sessions"], row["sessions_possible"], 1000)


def _short(row: Row) -> str:
    name = str(row["code_name"])
    return _SHORT.get(row["code"], name.removeprefix("Leave: ").split(" (")[0].capitalize())


def _title(rows: list[Row]) -> str:
    if not rows:
        return "Too few children to show reasons"
    return f"{_short(rows[0])} is the commonest reason: {_per_1000(rows[0])} of every 1,000 possible sessions"


def _chart(rows: list[Row], figures: CityFigures) -> Chart:
    plot, axes = figure(0.8 + 0.3 * len(rows))
    values = [1000 * row["sessions"] / row["sessions_possible"] for row in rows]
    for place, (row, value) in enumerate(zip(reversed(rows), reversed(values), strict=True)):
        is_authorised = row["category"] == "absent_authorised"
        axes.barh(
            place,
            value,
            height=0.6,
            color=BLUE if is_authorised else PLUM,
            hatch="" if is_authorised else "///",
            edgecolor="white",
        )
        axes.annotate(_per_1000(row), (value, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [_short(row) for row in reversed(rows)])
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1.1 * max(values))
    axes.set_xlabel("absent sessions for every 1,000 possible ones")
    caption = (
        "Plain bars: authorised; hatched: unauthorised. Absent sessions by the reason in the register, for every 1,000"
        " possible sessions, every school and age,"
        f" {figures.published.academic_year} to {day_text(figures.published.night)}. Source: schools’ registers."
    )
    alternative = "Bar chart. " + "; ".join(f"{_short(row)} {_per_1000(row)}" for row in rows)
    return chart(plot, "reasons", _title(rows), caption, f"{alternative}. Values stand in the table below.")


def _table(rows: list[Row], shown: Protected, figures: CityFigures, published: list[Row]) -> Table:
    possible = rows[0]["sessions_possible"]
    known = Cell(
        coverage_text(figures.city.sessions_known, figures.city.sessions_expected), "city.coverage_rate", "City"
    )
    lines = []
    for kind, name in _KINDS.items():
        total = shown.table.counts[kind]
        lines.append(Line(f"{name}, all reasons", [
            "", Cell(shown.count(kind), "reasons.sessions", kind),
            Cell(decimal_text(total, possible, 1000), "reasons.per_1000", kind), known,
            *_published(published, [row["code"] for row in rows if row["category"] == kind], kind),
        ]))  # fmt: skip
        for row in rows:
            if row["category"] == kind:
                rate = "c" if shown.is_hidden(row["code"]) else _per_1000(row)
                lines.append(Line(row["code_name"], [
                    row["code"], Cell(shown.count(row["code"]), "reasons.sessions", row["code"]),
                    Cell(rate, "reasons.per_1000", row["code"]), known,
                    *_published(published, [row["code"]], row["code"]),
                ]))  # fmt: skip
    caption = f"Absent sessions by code, year to date; {possible:,} possible sessions of every school and age"
    return Table(
        "reasons",
        "Reasons",
        caption,
        [
            "Reason",
            "Code",
            "Sessions",
            "Per 1,000 possible",
            "Sessions known %",
            *(f"{area}, published, per 1,000" for area in _AREAS),
        ],
        lines,
        "Every reason as a table",
    )
