"""The register template as a workbook: sheets ``pupils`` and ``marks``; each cell becomes the text of a CSV."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from rollcall.errors import UnreadableDelivery
from rollcall.extract import TEXT
from rollcall.validate.readers.stated import (
    MARK_COLUMNS,
    NEEDED_MARK_COLUMNS,
    NEEDED_PUPIL_COLUMNS,
    PUPIL_COLUMNS,
    Stated,
    check_header,
    mark_table,
    pupil_table,
)


def read(raw: Path) -> Stated:
    """Both sheets of ``register.xlsx`` as text; raises ``UnreadableDelivery`` where a sheet or a column is missing."""
    import python_calamine

    path = raw / "register.xlsx"
    if not path.is_file():
        raise UnreadableDelivery("The delivery has no register.xlsx.")
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = {name.strip().lower(): name for name in book.sheet_names}
        for name in ("pupils", "marks"):
            if name not in sheets:
                raise UnreadableDelivery(f"register.xlsx has no sheet {name}.")
        rows = {
            name: book.get_sheet_by_name(sheets[name]).to_python(skip_empty_area=False) for name in ("pupils", "marks")
        }
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableDelivery("register.xlsx cannot be read as a workbook.") from error
    pupils, remarks = _sheet("pupils", rows["pupils"], PUPIL_COLUMNS, NEEDED_PUPIL_COLUMNS)
    marks, more = _sheet("marks", rows["marks"], MARK_COLUMNS, NEEDED_MARK_COLUMNS)
    return Stated(
        pupil_table(pupils, "register.xlsx#pupils"), mark_table(marks, "register.xlsx#marks"), warnings=remarks + more
    )


def _sheet(
    name: str, rows: list[list[Any]], columns: list[str] | tuple[str, ...], needed: tuple[str, ...]
) -> tuple[pa.Table, list[str]]:
    if not rows:
        raise UnreadableDelivery(f"Sheet {name} is empty.")
    header = [_text(cell).strip().lower() for cell in rows[0]]
    remarks = check_header(f"Sheet {name}", [column for column in header if column], columns, needed)
    cells = pd.DataFrame(rows[1:], columns=range(len(header)), dtype=object)
    texts = {
        column: _texts(cells[header.index(column)]) if column in header else pd.Series([""] * len(cells), dtype=object)
        for column in columns
    }
    frame = pd.DataFrame(texts, dtype=object)
    frame["line"] = range(2, len(frame) + 2)
    is_filled = (frame[list(columns)] != "").any(axis=1)
    frame = frame[is_filled]
    table = pa.table({column: pa.array(frame[column].tolist(), TEXT) for column in columns})
    return table.append_column("line", pa.array(frame["line"].to_numpy(), pa.int32())), remarks


def _texts(column: pd.Series) -> pd.Series:
    """Each distinct cell is turned into text once: a register of 380,000 marks has a few hundred."""
    place, distinct = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=False)
    texts = pd.Series([_text(cell) for cell in distinct], dtype=object)
    return texts.take(place).reset_index(drop=True)


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # an admission number typed as a number
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
