"""What a pack is made of: sheets of rows with a kind for each column, and words about where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from rollcall.report.disclosure import decimal_text
from rollcall.report.page import Cell, Chart, Line, Part, Prose, Table, prose
from rollcall.report.reading import Published, Reader, Row
from rollcall.report.words import coverage_text

Kind = Literal["text", "count", "rate", "day", "yes"]
NAMES: Final = ("surname", "forename", "upn")


@dataclass(frozen=True)
class Column:
    """A column of a sheet. ``rate``: ``part`` of ``whole``, names in the row, ``per`` so many; coverage is rounded down."""

    name: str
    label: str
    kind: Kind = "text"
    part: str = ""
    whole: str = ""
    per: int = 100
    is_coverage: bool = False


def rate(name: str, label: str, part: str = "sessions_absent", whole: str = "sessions_possible") -> Column:
    """A column that shows ``part`` of ``whole`` in %, rounded half up from whole numbers."""
    return Column(name, label, "rate", part, whole)


@dataclass(frozen=True)
class Sheet:
    """One list: its title for a tab and menu, the finding as heading, what it holds, its columns and rows."""

    key: str
    title: str
    heading: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    has_children: bool = True
    chart: Chart | None = None

    def without(self, names: Sequence[str]) -> Sheet:
        """The same sheet without some of its columns."""
        return replace(self, columns=[column for column in self.columns if column.name not in names])

    def named(self, names: dict[int, Row]) -> Sheet:
        """The same sheet with names beside the pseudonym."""
        if not any(column.name == "person_id" for column in self.columns):
            return self
        place = next(number for number, column in enumerate(self.columns) if column.name == "person_id") + 1
        added = [Column("surname", "Surname"), Column("forename", "Forename"), Column("upn", "UPN")]
        blank = dict.fromkeys(NAMES)
        rows = [{**row, **(names.get(row["person_id"], blank))} for row in self.rows]
        return replace(self, columns=[*self.columns[:place], *added, *self.columns[place:]], rows=rows)


@dataclass(frozen=True)
class Coverage:
    """How much of the registers of a scope is known: schools in of expected, sessions known of expected."""

    schools_in: int
    schools_expected: int
    sessions_known: int
    sessions_expected: int

    @property
    def words(self) -> str:
        """The coverage as a sentence."""
        share = coverage_text(self.sessions_known, self.sessions_expected)
        return (
            f"{self.schools_in} of {counted(self.schools_expected, 'school')} in on the last school day,"
            f" {share} % of expected sessions of the year known."
        )


@dataclass(frozen=True)
class Pack:
    """A whole pack. ``readers`` says which kind of reader it is made for; ``parts`` stand before the sheets."""

    kind: str
    title: str
    scope: str
    slug: str
    readers: str
    published: Published
    coverage: Coverage
    sheets: Sequence[Sheet] = ()
    parts: Sequence[Part] = field(default=())
    lead: Sequence[Prose] = field(default=())

    @property
    def children_rows(self) -> int:
        """Rows about single children."""
        return sum(len(sheet.rows) for sheet in self.sheets if sheet.has_children)

    def all_parts(self) -> list[Part]:
        """Every part of the page: those with words and charts, then each sheet as a table."""
        return [*self.parts, *[_part(sheet) for sheet in self.sheets]]


def counted(count: int, one: str, many: str = "") -> str:
    """A number of something in words."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def children(count: int) -> str:
    """A number of children in words."""
    return counted(count, "child", "children")


def text_of(column: Column, row: Row) -> str:
    """A value as a page shows it."""
    if column.is_coverage:
        return coverage_text(row[column.part], row[column.whole])
    if column.kind == "rate":
        return decimal_text(row[column.part], row[column.whole], column.per) if row[column.whole] else "x"
    value = row[column.name]
    if value is None:
        return "–"
    if column.kind == "day":
        return f"{value.day}\u00a0{value:%b} {value:%Y}"
    if column.kind == "yes":
        return "yes" if value else "no"
    return f"{value:,}" if column.kind == "count" else str(value)


def read_coverage(reader: Reader, urns: Sequence[int] | None) -> Coverage:
    """The coverage of these schools, or of every school of the city where ``urns`` is None."""
    row = reader.rows(
        """
        select
            count(*) filter (where is_in)::integer as schools_in,
            count(*) filter (where is_expected)::integer as schools_expected,
            coalesce(sum(sessions_known), 0)::integer as sessions_known,
            coalesce(sum(sessions_expected), 0)::integer as sessions_expected
        from serve.agg_school_absence
        where period_type = 'year' and academic_year = %(year)s
            and (%(urns)s::integer[] is null or urn = any(%(urns)s::integer[]))
        """,
        urns=list(urns) if urns is not None else None,
    )[0]
    return Coverage(**row)


def _part(sheet: Sheet) -> Part:
    first, *others = sheet.columns
    lines = [Line(text_of(first, row), _cells(sheet, others, row)) for row in sheet.rows]
    blocks: list[Prose | Table | Chart] = [sheet.chart] if sheet.chart else []
    if lines:
        table = Table(sheet.key, sheet.title, sheet.note, [column.label for column in sheet.columns], lines)
        blocks.append(table)
    else:
        blocks.append(prose("{note} Nothing is on this list.", note=sheet.note))
    return Part(sheet.key, sheet.title, sheet.heading, blocks)


def _cells(sheet: Sheet, columns: Sequence[Column], row: Row) -> list[Cell | str]:
    key = "|".join(str(row[name]) for name in ("person_id", "urn", "key") if row.get(name) is not None)
    return [
        Cell(text_of(column, row), f"{sheet.key}.{column.name}", key)
        if column.kind in ("count", "rate")
        else text_of(column, row)
        for column in columns
    ]
