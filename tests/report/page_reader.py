"""Reads a page of the report as text: its numbers with what they say they are, and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "br", "link", "img", "input", "hr"}


@dataclass
class Shown:
    """A number of the page: its measure, its key, its text."""

    measure: str
    key: str
    text: str = ""


@dataclass
class TableCell:
    """A cell of a table's body: its column, whether it names what it is, its text."""

    table: str
    column: str
    is_named: bool
    measure: str = ""
    text: str = ""


@dataclass
class _Open:
    tag: str
    shown: Shown | None = None
    cell: TableCell | None = None
    heading: list[str] | None = None


@dataclass
class PageReader(HTMLParser):
    """Everything on the page that has a measure, and every cell of every table."""

    shown: list[Shown] = field(default_factory=list)
    cells: list[TableCell] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[_Open] = []
        self._columns: list[list[str]] = []
        self._place = 0
        self._table = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """A tag opens."""
        found = dict(attributes)
        opened = _Open(tag)
        if tag == "table":
            self._columns, self._table = [], (found.get("id") or "").removeprefix("table-")
        elif tag == "tr":
            self._place = 0
        elif tag == "th" and found.get("scope") == "col":
            self._columns.append([])
            opened.heading = self._columns[-1]
        elif tag in ("th", "td"):
            column = "".join(self._columns[self._place]) if self._place < len(self._columns) else ""
            self._place += 1
            if tag == "td":
                opened.cell = TableCell(self._table, column, "data-measure" in found, found.get("data-measure") or "")
                self.cells.append(opened.cell)
        if "data-measure" in found:
            opened.shown = Shown(found["data-measure"] or "", found.get("data-key") or "")
            self.shown.append(opened.shown)
        if tag not in _VOID:
            self._open.append(opened)

    def handle_endtag(self, tag: str) -> None:
        """A tag closes, and all within it."""
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Text belongs to all that is open."""
        for opened in self._open:
            if opened.shown is not None:
                opened.shown.text += data
            if opened.cell is not None:
                opened.cell.text += data
            if opened.heading is not None:
                opened.heading.append(data)


def read_page(html: str) -> PageReader:
    """The page, read."""
    reader = PageReader()
    reader.feed(html)
    return reader
