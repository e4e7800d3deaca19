"""The sheet ``control`` of the register template's workbook: the keys of ``control.json``, one in each row."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

SHEET: Final = "control"
SHEET_BYTES: Final = 64 * 1024
BOOK_BYTES: Final = 1024**3
"""What the workbook may unpack to before it is opened here; landing refuses such a file by name."""
KINDS: Final = {
    "template": "whole", "urn": "whole", "mode": "mode", "scope_from": "day", "scope_to": "day", "taken_at": "moment",
    "pupils": "whole", "marks": "whole",
}  # fmt: skip
_WANTED: Final = {
    "whole": "a whole number, nought or more, in a cell of numbers",
    "mode": "snapshot or delta",
    "day": "a date, or a text such as 2026-07-10",
    "moment": "a text with its offset, such as 2026-07-10T17:05:00+01:00",
}
_PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_BOOK: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class ControlFault(ValueError):
    """What is wrong with the sheet: file, sheet, row, rule and what to do; never a value of the sheet."""

    def __init__(self, row: int | None, rule: str) -> None:
        where = "" if row is None else f", row {row}"
        super().__init__(
            f"register.xlsx, sheet {SHEET}{where}: {rule}. Correct it and send the delivery again under a new name."
        )


def read_control_sheet(book: Path) -> dict[str, Any] | None:
    """The sheet as ``control.json`` would say it; None where there is no such sheet, or the file is no whole workbook.

    Raises ``ControlFault`` where a key or a value is not what the template describes: a formula, a number as text, an
    unknown key, a key twice.
    """
    try:
        with zipfile.ZipFile(book) as archive:
            part = _part_of(archive)
            if part is None:
                return None
            if archive.getinfo(part).file_size > SHEET_BYTES:
                raise ControlFault(None, f"the sheet is larger than {SHEET_BYTES // 1024} KiB")
            if re.search(rb"<(?:\w+:)?f[\s/>]", archive.read(part)):
                raise ControlFault(None, "a cell holds a formula; write the value itself")
        rows = _cells(book)
    except ControlFault:
        raise
    except Exception:  # whatever a broken workbook does to its reader: the intake names it
        return None
    return _read(rows)


def _part_of(archive: zipfile.ZipFile) -> str | None:
    """Where the sheet lies in the archive; None where there is none, or where unpacking it all would be too much."""
    from defusedxml.ElementTree import fromstring

    if sum(item.file_size for item in archive.infolist()) > BOOK_BYTES:
        return None
    sheets = fromstring(archive.read("xl/workbook.xml")).iter(f"{_BOOK}sheet")
    wanted = [item.get(_RELATION) for item in sheets if (item.get("name") or "").strip().lower() == SHEET]
    if not wanted:
        return None
    if len(wanted) > 1:
        raise ControlFault(None, "there are two sheets of this name")
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels")).iter(f"{_PACKAGE}Relationship")
    target = next(item.get("Target") or "" for item in relations if item.get("Id") == wanted[0])
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _cells(book: Path) -> list[list[Any]]:
    import python_calamine

    opened = python_calamine.CalamineWorkbook.from_path(str(book))
    name = next(name for name in opened.sheet_names if name.strip().lower() == SHEET)
    return opened.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _read(rows: list[list[Any]]) -> dict[str, Any]:
    if not rows or [_key(cell) for cell in rows[0]][:2] != ["key", "value"]:
        raise ControlFault(1, "the heads are key and value")
    found: dict[str, Any] = {}
    for number, cells in enumerate(rows[1:], start=2):
        key, value = _key(cells[0]), cells[1] if len(cells) > 1 else ""
        if not key and value == "":
            continue
        if key not in KINDS:
            raise ControlFault(number, f"the key is none of {', '.join(KINDS)}")
        if key in found:
            raise ControlFault(number, f"{key} stands twice")
        if any(cell != "" for cell in cells[2:]):
            raise ControlFault(number, "there is something beside key and value")
        found[key] = _value(number, key, value)
    if "mode" not in found:
        raise ControlFault(None, "mode is missing; it is snapshot or delta")
    return found


def _key(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else "" if cell is None else "?"


def _value(row: int, key: str, cell: Any) -> Any:
    """The value as JSON would hold it."""
    kind = KINDS[key]
    if (
        kind == "whole"
        and isinstance(cell, (int, float))
        and not isinstance(cell, bool)
        and cell >= 0
        and cell % 1 == 0
    ):
        return int(cell)
    if kind == "mode" and cell in ("snapshot", "delta"):
        return cell
    if kind == "day" and (day := _day(cell)) is not None:
        return day
    if kind == "moment" and isinstance(cell, str) and _has_offset(cell):
        return cell.strip()
    raise ControlFault(row, f"{key} must be {_WANTED[kind]}")


def _day(cell: Any) -> str | None:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else None
    if isinstance(cell, date):
        return cell.isoformat()
    try:
        return date.fromisoformat(cell.strip()).isoformat() if isinstance(cell, str) else None
    except ValueError:
        return None


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text.strip()).tzinfo is not None
    except ValueError:
        return False
