"""The parts of a board pack: every count and rate of children passes the disclosure function."""

from __future__ import annotations

from datetime import date
from typing import Final

from rollcall.report.disclosure import ALL, Protected, count_text, percent_text
from rollcall.report.packs.board_queries import BY_SCHOOL, DOING, GROUPS, OWN, SIMILAR, WORDS
from rollcall.report.packs.pack import counted
from rollcall.report.packs.trend import weeks_chart
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.parts.schools import SCHOOLS, read_kind
from rollcall.report.plan import Plan, phases_name
from rollcall.report.plan_queries import COLUMNS, DIMENSIONS
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text, is_number, share

KINDS: Final = ("Primary", "Secondary", "Special")
_YEARS: Final = ("N1", "N2", "R", *map(str, range(1, 14)))
_HEAD: Final = ["Enrolments", "Persistent", "Persistent %", "Severe", "Severe %", "Absence %", "Sessions known %"]
_PLACES: Final = {
    "within": "lies within the limits that schools of its kind and size usually keep",
    "above 95": "has a higher rate than 95 in 100 schools of its kind and size would show",
    "above 99.8": "has a far higher rate than schools of its kind and size usually show",
    "below 95": "has a lower rate than 95 in 100 schools of its kind and size would show",
    "below 99.8": "has a far lower rate than schools of its kind and size usually show",
}


def headline_part(reader: Reader, plan: Plan, urns: list[int], area: str, scope: str) -> Part:
    """The year to date, beside every school of the same phase."""
    own = reader.rows(OWN, urns=urns, period="year")[0]
    similar = reader.rows(SIMILAR, urns=urns, period="year")[0]
    name = "This school" if len(urns) == 1 else "This trust"
    phases = phases_name(own["phases"])
    lines = [
        _protected_line(name, own, ALL, plan.headline(area), "headline", "own"),
        _protected_line(_phase(own), similar, ALL, plan.headline(phases), "headline", "phase"),
    ]
    rate = _rate(own)
    heading = f"{rate} % of possible sessions were missed, {_rate(similar)} % in {_phase(own)[4:]}"
    note = (
        "Persistent: absent for 10 % or more of the enrolment’s own possible sessions; severe: 50 % or more, part of"
        f" persistent. Every age on roll. Year to {day_text(reader.published.night)}."
    )
    return Part(
        "headline",
        "Headline",
        heading if is_number(rate) else f"{scope}: too few children for a rate",
        [Table("headline", "Headline", note, ["Whose figures", *_HEAD], lines)],
    )


def weeks_part(reader: Reader, urns: list[int]) -> Part:
    """Absence by week beside the phase: rates only."""
    own, similar = (reader.rows(query, urns=urns, period="week") for query in (OWN, SIMILAR))
    phase = {row["first_week"]: row for row in similar}
    lines = [
        Line(
            day_text(row["first_week"]),
            [
                Cell(_rate(row), "weeks.absence_rate", str(row["first_week"])),
                Cell(_rate(row, "sessions_unauthorised"), "weeks.unauthorised_rate", str(row["first_week"])),
                Cell(_rate(phase[row["first_week"]]), "weeks.phase_rate", str(row["first_week"])),
                Cell(_known(row), "weeks.coverage_rate", str(row["first_week"])),
            ],
        )
        for row in own
    ]
    columns = ["Week of", "Absence %", "Unauthorised %", "Same phase %", "Sessions known %"]
    shown = [line.cells[0] for line in lines]
    last = next((cell.text for cell in reversed(shown) if isinstance(cell, Cell) and is_number(cell.text)), None)
    heading = (
        f"In the latest week {last} % of possible sessions were missed" if last else "Too few children for a trend"
    )
    name = "This school" if len(urns) == 1 else "This trust"
    blocks: list[Prose | Table | Chart] = [weeks_chart(name, _series(own), _series(similar), heading)] if last else []
    note = "Absent sessions, % of possible sessions, by week, every age"
    blocks.append(Table("weeks", "Weeks", note, columns, lines, "The weeks as a table"))
    return Part("weeks", "Trend", heading, blocks)


def place_part(reader: Reader, urn: int) -> Part:
    """Where a school lies in the funnel of its kind, in words."""
    rows = reader.rows(SCHOOLS, kinds=list(KINDS))
    own = next((row for row in rows if row["urn"] == urn), None)
    note = (
        "It is a question to ask, not a judgement, and not a rank: intake, one illness or one family may be behind it."
    )
    if own is None:
        words = "Schools of this kind are too few or too unlike each other to be compared."
        return Part("place", "Similar schools", "No comparison with similar schools", [prose(words)])
    kind = read_kind(own["phase"], [row for row in rows if row["phase"] == own["phase"]])
    if not any(row["urn"] == urn for row in kind.visible):
        return Part("place", "Similar schools", "No comparison with similar schools", [prose("Too few children.")])
    place = kind.place(own)
    return Part(
        "place",
        "Similar schools",
        f"For persistent absence the school {_PLACES[place]}",
        [
            prose(
                "Compared with {schools} by a funnel plot of persistent absence, children aged 5 to 15: limits widen for"
                " small schools and for the usual spread between schools. " + note,
                schools=counted(len(kind.rows), f"{own['phase'].lower()} school"),
            )
        ],
    )


def schools_part(reader: Reader, plan: Plan, urns: list[int]) -> Part:
    """The trust's schools under disclosure: no small count, none that could be worked out of the trust's own."""
    rows = reader.rows(BY_SCHOOL, urns=urns)
    shown = plan.schools(row["urn"] for row in rows)
    lines = [
        _protected_line(f"{row['school_name']}", row, str(row["urn"]), shown, "schools", str(row["urn"]))
        for row in rows
    ]
    note = "In order of name. A special school is not comparable with others."
    heading = f"The trust’s {counted(len(rows), 'school')}, in order of name"
    return Part("schools", "Schools", heading, [Table("schools", "Schools", note, ["School", *_HEAD], lines)])


def groups_part(reader: Reader, plan: Plan, area_type: str, area: str) -> Part:
    """Groups of children: each dimension is a table of its own that adds up to the headline."""
    found: dict[str, list[Row]] = {}
    for row in reader.rows(GROUPS, area_type=area_type, area=area, dimensions=list(DIMENSIONS)):
        found.setdefault(row["dimension"], []).append(row)
    lines: list[Line] = []
    for dimension, heading in DIMENSIONS.items():
        rows = found.get(dimension, [])
        if dimension == "year group":
            rows.sort(key=lambda row: _YEARS.index(row["group_name"]) if row["group_name"] in _YEARS else len(_YEARS))
        if not rows:
            continue
        place = area if area_type == "school" else f"trust {area}"
        shown = plan.groups(place, dimension, [row["group_name"] for row in rows])
        lines.append(Line(heading, is_group=True))
        for row in rows:
            name = str(row["group_name"])
            label = f"Year {name}" if dimension == "year group" and name.isdigit() else _label(name)
            lines.append(_protected_line(label, row, name, shown, "groups", f"{dimension}|{name}"))
    note = "Year to date, every age. A group’s dates decide: a child may be counted where it was then."
    table = Table("groups", "Groups", note, ["Group", *_HEAD], lines)
    return Part("groups", "Groups", "Groups of children, each beside the others", [table])


def doing_part(reader: Reader, urns: list[int]) -> Part:
    """What is being done, from the council's feeds: meetings, actions, children with an intervention."""
    row = reader.rows(DOING, urns=urns)[0]
    if not row["meetings"]:
        words = prose("The council has recorded no Targeting Support Meeting.")
    else:
        words = prose(
            "{meetings} since the records begin, the last on {day}: {agreed} agreed, {done} of them done.",
            meetings=counted(row["meetings"], "Targeting Support Meeting"),
            day=day_text(row["newest"]),
            agreed=f"{count_text(row['agreed'])} actions",
            done=count_text(row["done"]),
        )
    running = prose("Children with an intervention under way: {count}.", count=count_text(row["children"]))
    return Part("doing", "What is being done", "Meetings, actions and interventions", [words, running])


def _phase(own: Row) -> str:
    return f"All schools of the same phase{'' if len(own['phases']) == 1 else 's'}"


def _label(name: str) -> str:
    return WORDS.get(name, name[:1].upper() + name[1:])


def _rate(row: Row, part: str = "sessions_absent") -> str:
    return percent_text(row[part], row["sessions_possible"], children=row["enrolments"])


def _known(row: Row) -> str:
    return coverage_text(row["sessions_known"], row["sessions_expected"])


def _series(rows: list[Row]) -> list[tuple[date, float | None]]:
    return [
        (row["first_week"], share(row["sessions_absent"], row["sessions_possible"], row["enrolments"])) for row in rows
    ]


def _protected_line(name: str, row: Row, place: str, shown: Protected, family: str, key: str) -> Line:
    cells = [Cell(shown.count(place, COLUMNS[0]), f"{family}.{COLUMNS[0]}", key)]
    for column in COLUMNS[1:]:
        cells.append(Cell(shown.count(place, column), f"{family}.{column}", key))
        cells.append(Cell(shown.percent(place, column, COLUMNS[0]), f"{family}.{column}_rate", key))
    cells.append(Cell(_rate(row), f"{family}.absence_rate", key))
    cells.append(Cell(_known(row), f"{family}.coverage_rate", key))
    return Line(name, cells)
