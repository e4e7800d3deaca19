"""What a page is made of: parts with prose, tables and charts, in which every number knows what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup


@dataclass(frozen=True)
class Cell:
    """A number of a table, as text, with the measure and the key by which a test finds it again in the marts."""

    text: str
    measure: str
    key: str


@dataclass(frozen=True)
class Line:
    """A line of a table: its name, then numbers (``Cell``) and words. ``is_group``: it heads the lines below it."""

    name: str
    cells: Sequence[Cell | str] = ()
    is_group: bool = False


@dataclass(frozen=True)
class Chart:
    """One chart: a title that states the finding, a caption with measure, place, period and source, and the SVG."""

    key: str
    title: str
    caption: str
    svg: str

    @property
    def kind(self) -> str:
        """What the template draws."""
        return "chart"


@dataclass(frozen=True)
class Table:
    """A table with its caption; ``folded`` is the text of the control that opens it, where it is
    not open from the start, ``picture`` a map behind the same control.
    """

    key: str
    label: str
    caption: str
    columns: Sequence[str]
    lines: Sequence[Line]
    folded: str = ""
    picture: Chart | None = None

    @property
    def is_number(self) -> list[bool]:
        """Which columns hold numbers; the first one holds names."""
        first = next((line.cells for line in self.lines if not line.is_group), [""] * (len(self.columns) - 1))
        return [False, *(isinstance(cell, Cell) for cell in first)]

    @property
    def kind(self) -> str:
        """What the template draws."""
        return "table"


@dataclass(frozen=True)
class Prose:
    """A paragraph; ``tone`` is a class of the style sheet."""

    html: Markup
    tone: str = ""

    @property
    def kind(self) -> str:
        """What the template draws."""
        return "prose"


@dataclass(frozen=True)
class Part:
    """A part of the page: a heading that says the finding, and what stands below it."""

    key: str
    menu: str
    heading: str
    blocks: Sequence[Prose | Table | Chart] = field(default=())

    @property
    def is_short(self) -> bool:
        """Whether it fits on one sheet of paper, so that print need not break it."""
        rows = [len(block.lines) for block in self.blocks if isinstance(block, Table)]
        return sum(rows) <= _ROWS_ON_PAPER and not (rows and any(isinstance(block, Chart) for block in self.blocks))


_ROWS_ON_PAPER: Final = 12


def prose(words: str, tone: str = "", **values: object) -> Prose:
    """A paragraph from a text with places in braces; what is filled in is escaped, unless it is markup."""
    return Prose(Markup(words).format(**values), tone)  # noqa: S704 # the text is ours, the values are escaped


def number(text: str, measure: str, key: str) -> Markup:
    """A number inside prose, with its measure and key."""
    return Markup('<span data-measure="{}" data-key="{}">{}</span>').format(measure, key, text)
