"""A delivery as one workbook: the parts of an empty one by xlsxwriter, its rows a column at a time."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

CELL_OPENS, CELL_CLOSES = '" t="inlineStr"><is><t', "</t></is></c>"


def write_workbook(folder: Path, marks: pa.Table, pupils: pd.DataFrame, totals: dict[str, Any]) -> None:
    """register.xlsx with sheets pupils and marks, and control.json beside it; every cell is text, empty ones are left
    out."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {"pupils": pa.Table.from_pandas(pupils, preserve_index=False), "marks": marks}
    headers = tuple((name, tuple(table.column_names)) for name, table in sheets.items())
    rows = {f"xl/worksheets/sheet{number}.xml": table for number, table in enumerate(sheets.values(), start=1)}
    with (
        zipfile.ZipFile(io.BytesIO(_empty(headers))) as empty,
        zipfile.ZipFile(folder / "register.xlsx", "w", zipfile.ZIP_DEFLATED) as book,
    ):
        for part in empty.infolist():
            content = empty.read(part)
            book.writestr(part, _filled(content.decode(), rows[part.filename]) if part.filename in rows else content)
    (folder / "control.json").write_text(json.dumps(totals), encoding="utf-8")


@cache
def _empty(headers: tuple[tuple[str, tuple[str, ...]], ...]) -> bytes:
    """A workbook of these sheets with their header rows alone."""
    import xlsxwriter

    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"constant_memory": True}) as book:
        for name, header in headers:
            book.add_worksheet(name).write_row(0, 0, header)
    return memory.getvalue()


def _filled(sheet: str, table: pa.Table) -> str:
    """The sheet with the table's rows below its header."""
    end = f'{_letter(table.num_columns - 1)}{table.num_rows + 1}"/>'
    start, rest = sheet.split(f'{_letter(table.num_columns - 1)}1"/>', 1)
    head, tail = rest.split("</sheetData>", 1)
    return f"{start}{end}{head}{_rows(table)}</sheetData>{tail}"


def _rows(table: pa.Table) -> str:
    number = pc.cast(pa.array(range(2, table.num_rows + 2), pa.int64()), pa.string())
    pieces: list[Any] = ['<row r="', number, '">']
    for place, column in enumerate(table.columns):
        text = pc.fill_null(pc.cast(column.combine_chunks(), pa.string()), "")
        edge = pc.if_else(pc.match_substring_regex(text, r"^\s|\s$"), ' xml:space="preserve">', ">")
        for plain, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = pc.replace_substring(text, plain, written)
        opening = f'<c r="{_letter(place)}'
        cell = pc.binary_join_element_wise(opening, number, CELL_OPENS, edge, text, CELL_CLOSES, "")
        pieces.append(pc.if_else(pc.equal(text, ""), "", cell))
    return "".join(pc.binary_join_element_wise(*pieces, "</row>", "").to_pylist())


def _letter(place: int) -> str:
    """The name of a column of the first twenty-six."""
    return chr(ord("A") + place)
