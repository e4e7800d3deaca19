"""A pack as a workbook: values only, nothing hidden, nobody's name in its properties, the first sheet says what it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final

import xlsxwriter

from rollcall.report.packs.pack import Column, Pack, Sheet, text_of
from rollcall.report.reading import Row

_WIDTHS: Final = {"text": 22, "count": 11, "rate": 11, "day": 13, "yes": 11}
_WIDEST: Final = 60
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# a spreadsheet takes no other control character
_CONTROL: Final = {number: None for number in range(32) if number not in (9, 10, 13)}


def workbook(pack: Pack, about: Sequence[tuple[str, str]]) -> bytes:
    """The workbook's bytes: the sheet About, then a sheet for each list.

    Nothing is a formula or a link, whatever a value looks like: text that begins with ``= + - @`` is text, marked so that
    a person who edits the cell keeps it so. The same pack gives the same bytes.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": pack.title, "created": pack.published.known_at.replace(tzinfo=None)})
    formats = _formats(book)
    _about(book, formats, pack, about)
    for sheet in pack.sheets:
        _list(book, formats, sheet)
    book.close()
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "head": book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#F2F5F8"}),
        "label": book.add_format({**base, "bold": True}),
        "text": book.add_format({**base, "text_wrap": True, "num_format": "@"}),
        "risky": book.add_format({**base, "text_wrap": True, "num_format": "@", "quote_prefix": True}),
        "count": book.add_format({**base, "num_format": "0"}),
        "id": book.add_format({**base, "num_format": "0", "align": "left"}),
        "rate": book.add_format({**base, "num_format": "0.0"}),
        "day": book.add_format({**base, "num_format": "d mmm yyyy", "align": "left"}),
    }


def _about(book: Any, formats: dict[str, Any], pack: Pack, about: Sequence[tuple[str, str]]) -> None:
    page = book.add_worksheet("About")
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, pack.title, formats["title"])
    rows = [*about, *[(f"Rows: {sheet.title}", f"{len(sheet.rows)}. {sheet.note}") for sheet in pack.sheets]]
    for number, (label, text) in enumerate(rows, start=2):
        page.write_string(number, 0, label, formats["label"])
        _write_text(page, number, 1, text, formats)
    _print(page)


def _list(book: Any, formats: dict[str, Any], sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.title[:31])
    for number, column in enumerate(sheet.columns):
        page.write_string(0, number, column.label, formats["head"])
        page.set_column(number, number, _width(sheet, column))
    for line, row in enumerate(sheet.rows, start=1):
        for number, column in enumerate(sheet.columns):
            _write(page, line, number, column, row, formats)
    page.freeze_panes(1, 1)
    page.repeat_rows(0)
    _print(page)


def _write(page: Any, line: int, number: int, column: Column, row: Row, formats: dict[str, Any]) -> None:
    if column.kind == "rate":
        if row[column.whole]:
            rounding = ROUND_DOWN if column.is_coverage else ROUND_HALF_UP
            exact = Decimal(column.per) * row[column.part] / row[column.whole]
            page.write_number(line, number, exact.quantize(Decimal("0.1"), rounding), formats["rate"])
        else:
            page.write_string(line, number, "x", formats["text"])
        return
    value = row[column.name]
    if value is None:
        page.write_blank(line, number, None, formats["text"])
    elif column.kind == "day":
        page.write_datetime(line, number, value, formats["day"])
    elif column.kind == "count":
        page.write_number(line, number, value, formats["count"])
    elif column.name == "person_id":
        page.write_number(line, number, value, formats["id"])
    else:
        _write_text(page, line, number, text_of(column, row), formats)


def _write_text(page: Any, line: int, number: int, text: str, formats: dict[str, Any]) -> None:
    clean = text.translate(_CONTROL)
    page.write_string(line, number, clean, formats["risky" if clean.startswith(_RISKY) else "text"])


def _width(sheet: Sheet, column: Column) -> int:
    if column.kind != "text":
        return _WIDTHS[column.kind]
    longest = max((len(text_of(column, row)) for row in sheet.rows), default=0)
    return min(_WIDEST, max(10, len(column.label.split(" ")[0]) + 2, longest + 2))


def _print(page: Any) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&RPage &P of &N")
