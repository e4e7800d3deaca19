"""Place: persistent absence by where children live, in wards and, behind a control, in LSOAs."""

from __future__ import annotations

from typing import Final

from rollcall.city import City
from rollcall.report.disclosure import NOT_AVAILABLE, Protected, decimal_text, nested_table, percent_text, protect
from rollcall.report.drawing.maps import area_map
from rollcall.report.figures import CityFigures
from rollcall.report.geography import Outline, read_outline
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table
from rollcall.report.parts.groups import GROUPS
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text, is_number

WARD: Final = "ward of residence"
LSOA: Final = "LSOA"
_OUTSIDE: Final = "outside the city"
_COLUMNS: Final = ("cohort", "persistent", "severe")


def place_part(reader: Reader, figures: CityFigures, city: City) -> Part:
    """The part: a map and a table of wards, and the same of LSOAs behind a control."""
    found: dict[str, list[Row]] = {WARD: [], LSOA: []}
    for row in reader.rows(GROUPS, dimensions=[WARD, LSOA]):
        found[row["dimension"]].append(row)
    if not found[WARD]:
        return Part("place", "Place", "The council has not said where children live")
    wards = protect_wards(found[WARD])
    outline = read_outline(city, "wards")
    blocks: list[Prose | Table | Chart] = []
    heading = _heading(found[WARD], wards)
    if outline is not None:
        codes = {code: name for shape in outline.shapes for code, name in zip(shape.codes, shape.names, strict=True)}
        rows = {row["group_name"] for row in found[WARD]}
        groups = {code: name for code, name in codes.items() if name in rows}
        blocks.append(_map(outline, groups, wards, "wards", heading, figures))
    blocks.append(_table(found[WARD], wards, "wards", "Wards of residence", ""))
    small = read_outline(city, "lsoas")
    if found[LSOA] and small is not None:
        blocks += _lsoas(found[LSOA], wards, small, figures)
    return Part("place", "Place", heading, blocks)


def protect_wards(rows: list[Row]) -> Protected:
    """Wards under disclosure; the city's total is known from the headline."""
    counts = {row["group_name"]: tuple(row[name] for name in _COLUMNS) for row in rows}
    summed = tuple(sum(column) for column in zip(*counts.values(), strict=True))
    return protect(nested_table(counts, _COLUMNS, total=summed, schools=_schools(rows)))


def _schools(rows: list[Row]) -> dict[str, int]:
    return {row["group_name"]: int(row["schools"]) for row in rows}


def protect_lsoas(rows: list[Row], wards: Protected, ward_of: dict[str, str]) -> Protected | None:
    """LSOAs under disclosure, without severe absence, which is too rare there.

    What their wards show is known, and what their wards hide stays hidden. None where the wards of the table are not the
    sums of their areas: then nobody can say what a reader could work out.
    """
    columns = _COLUMNS[:2]
    counts = {row["group_name"]: tuple(row[name] for name in columns) for row in rows}
    sums: dict[str, tuple[int, ...]] = {}
    for code, own in counts.items():
        ward = ward_of.get(code, "")
        sums[ward] = tuple(a + b for a, b in zip(sums.get(ward, (0, 0)), own, strict=True))
    if sums != {ward: tuple(wards.table.counts.get((ward, name), -1) for name in columns) for ward in sums}:
        return None
    parents = {code: f"ward {ward_of[code]}" for code in counts}
    total = tuple(sum(column) for column in zip(*counts.values(), strict=True))
    table = nested_table(
        {**{f"ward {ward}": own for ward, own in sums.items()}, **counts},
        columns,
        total=total,
        schools=_schools(rows),
        parents=parents,
    )
    for ward in sums:
        for name in columns:
            (table.sensitive if wards.is_hidden(ward, name) else table.fixed).add((f"ward {ward}", name))
    return protect(table)


def _heading(rows: list[Row], shown: Protected) -> str:
    rates = {
        row["group_name"]: float(text)
        for row in rows
        if row["group_name"] != _OUTSIDE and is_number(text := shown.percent(row["group_name"], "persistent", "cohort"))
    }
    if len(rates) < 2:
        return "Too few children to compare wards"
    lowest, highest = min(rates, key=lambda name: rates[name]), max(rates, key=lambda name: rates[name])
    return (
        f"Persistent absence runs from {rates[lowest]:.1f} % of children living in {lowest} to {rates[highest]:.1f} % in"
        f" {highest}"
    )


def _map(
    outline: Outline, groups: dict[str, str], shown: Protected, key: str, title: str, figures: CityFigures
) -> Chart:
    """A map of wards or LSOAs; ``groups``: code of an area -> its row in the table."""
    values = {
        shape.codes[0]: _rate_of([groups[code] for code in shape.codes if code in groups], shown)
        for shape in outline.shapes
    }
    words = "ward" if key == "wards" else "LSOA"
    caption = (
        f"Enrolments that missed 10 % or more of their own possible sessions, % of enrolments aged 5 to 15, by {words} of"
        f" residence, state-funded schools of the city, {figures.published.academic_year} to"
        f" {day_text(figures.published.night)}. Classes: thirds of the areas. Source: schools’ registers, the council’s"
        f" addresses as known on the night. Boundaries: best fit, not the legal ones. {outline.attribution}"
    )
    alternative = f"Map of {len(outline.shapes)} {words}s. {title}. Every value stands in the table below."
    return area_map(outline, values, key, title, caption, alternative, labels=key == "wards")


def _rate_of(rows: list[str], shown: Protected) -> str:
    """The rate of one shape: of its areas together, if all of them may be shown."""
    texts = [shown.percent(row, "persistent", "cohort") for row in rows]
    if not texts:
        return NOT_AVAILABLE
    if len(texts) == 1 or not all(map(is_number, texts)):
        return min(texts, key=is_number)
    counts = shown.table.counts
    return decimal_text(sum(counts[row, "persistent"] for row in rows), sum(counts[row, "cohort"] for row in rows), 100)


def _lsoas(rows: list[Row], wards: Protected, outline: Outline, figures: CityFigures) -> list[Table]:
    ward_of = {code: ward for shape in outline.shapes for code, ward in zip(shape.codes, shape.wards, strict=True)}
    ward_of[_OUTSIDE] = _OUTSIDE
    name_of = {code: name for shape in outline.shapes for code, name in zip(shape.codes, shape.names, strict=True)}
    shown = protect_lsoas(rows, wards, ward_of)
    if shown is None:
        return []
    names = [str(row["group_name"]) for row in rows]
    visible = sum(is_number(shown.percent(name, "persistent", "cohort")) for name in names)
    title = f"{visible} of {len(rows)} LSOAs have children enough to show a rate"
    picture = _map(outline, {name: name for name in names}, shown, "lsoas", title, figures)
    ordered = sorted(rows, key=lambda row: (ward_of.get(row["group_name"], ""), name_of.get(row["group_name"], "")))
    return [_table(ordered, shown, "lsoas", "LSOAs of residence", "LSOAs: map and table", name_of, ward_of, picture)]


def _table(
    rows: list[Row],
    shown: Protected,
    key: str,
    label: str,
    folded: str,
    name_of: dict[str, str] | None = None,
    ward_of: dict[str, str] | None = None,
    picture: Chart | None = None,
) -> Table:
    has_severe = key == "wards"
    lines = []
    for row in rows:
        name = row["group_name"]
        found = f"{row['dimension']}|{name}"
        absence = percent_text(
            row["sessions_absent"], row["sessions_possible"], children=row["enrolments"], schools=row["schools"]
        )
        cells: list[Cell | str] = [] if ward_of is None else [ward_of.get(name, "")]
        cells.append(Cell(shown.count(name, "cohort"), "groups.cohort", found))
        for column in _COLUMNS[1:] if has_severe else _COLUMNS[1:2]:
            cells.append(Cell(shown.count(name, column), f"groups.{column}", found))
            cells.append(Cell(shown.percent(name, column, "cohort"), f"groups.{column}_rate", found))
        cells.append(Cell(absence, "groups.absence_rate", found))
        cells.append(
            Cell(coverage_text(row["sessions_known"], row["sessions_expected"]), "groups.coverage_rate", found)
        )
        lines.append(Line((name_of or {}).get(name, name[:1].upper() + name[1:]), cells))
    columns = ["Area", *(["Ward"] if ward_of is not None else []), "Enrolments", "Persistent", "Persistent %"]
    columns += [*(["Severe", "Severe %"] if has_severe else []), "Absence %", "Sessions known %"]
    caption = (
        f"{label}, year to date. Enrolments{', persistent and severe' if has_severe else ' and persistent'}: ages 5 to 15,"
        " state-funded schools of the city. Absence and sessions known: every age and school."
    )
    return Table(key, label, caption, columns, lines, folded, picture)
