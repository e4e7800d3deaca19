"""How a delivery of the register template is recognised in a drop, on disk or server, and when it is complete."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from rollcall.connectors.control_sheet import ControlFault, read_control_sheet
from rollcall.extract import Delivery, Format, Mode, Request

SHEETS: Final = ("pupils.csv", "marks.csv")
WORKBOOK: Final = "register.xlsx"
CONTROL: Final = "control.json"
NAMES: Final = (*SHEETS, WORKBOOK, CONTROL)
UNFINISHED: Final = (".part", ".tmp")
CONTROL_BYTES: Final = 64 * 1024
FILE_BYTES: Final = 256 * 1024**2
SETTLE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class DroppedFile:
    """A file as the listing shows it; ``modified`` in seconds since 1970."""

    name: str
    bytes: int
    modified: float


@dataclass(frozen=True)
class Dropped:
    """One folder of a drop that looks like a delivery."""

    path: str
    files: tuple[DroppedFile, ...]

    @property
    def fingerprint(self) -> str:
        """sha256 over names, sizes and times: a delivery that was changed is a new one."""
        parts = [f"{file.name}:{file.bytes}:{file.modified:.3f}" for file in self.files]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def modified(self) -> float:
        """When its youngest file was last changed."""
        return max(file.modified for file in self.files)

    @property
    def format(self) -> Format:
        """Workbook or tables."""
        return "template_xlsx" if any(file.name == WORKBOOK for file in self.files) else "template_csv"


def recognise(path: str, listing: list[DroppedFile]) -> Dropped | None:
    """The delivery that a listing shows, or None where its tables are not all there; other files do not count."""
    files = [file for file in listing if file.name in NAMES and not file.name.endswith(UNFINISHED)]
    names = {file.name for file in files}
    if WORKBOOK in names:
        files = [file for file in files if file.name in (WORKBOOK, CONTROL)]
    elif not names.issuperset(SHEETS):
        return None
    return Dropped(path, tuple(sorted(files, key=lambda file: file.name)))


def read_control(folder: Path) -> dict[str, Any] | None:
    """``control.json``, and the workbook's sheet ``control``, as landed; None where neither is there.

    ``{"fault": ...}`` where one is not what the template describes, or where they disagree: that is held.
    """
    try:
        sheet = read_control_sheet(folder / WORKBOOK) if (folder / WORKBOOK).is_file() else None
    except ControlFault as fault:
        return {"fault": str(fault)}
    path = folder / CONTROL
    if not path.is_file():
        return sheet
    try:
        control = json.loads(path.read_bytes()[: CONTROL_BYTES + 1])
        _check(control)
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"fault": "control.json is not what the template describes."}
    stated = {name: control[name] for name in _CONTROL_NAMES if name in control}
    if sheet is None:
        return stated
    return _both(stated, sheet)


def _both(stated: dict[str, Any], sheet: dict[str, Any]) -> dict[str, Any]:
    """What file and sheet say together; a fault where they disagree on a key that both have."""
    apart = [name for name in _CONTROL_NAMES if stated.get(name) is not None and not _agree(name, stated, sheet)]
    if apart:
        return {
            "fault": f"control.json and register.xlsx, sheet control, disagree on {', '.join(apart)}."
            " Leave one of them out, or make them agree, and send the delivery again under a new name."
        }
    return sheet | {name: value for name, value in stated.items() if value is not None}


def _agree(name: str, stated: dict[str, Any], sheet: dict[str, Any]) -> bool:
    if name not in sheet:
        return True
    if name == "taken_at":
        return datetime.fromisoformat(stated[name]) == datetime.fromisoformat(sheet[name])
    return bool(stated[name] == sheet[name])


_CONTROL_NAMES: Final = ("template", "urn", "mode", "scope_from", "scope_to", "taken_at", "pupils", "marks")


def _check(control: Any) -> None:
    if not isinstance(control, dict) or control["mode"] not in ("snapshot", "delta"):
        raise ValueError("mode")
    for name in ("urn", "pupils", "marks"):
        if not isinstance(control.get(name, 0), int):
            raise TypeError(name)
    for name in ("scope_from", "scope_to"):
        if control.get(name) is not None:
            date.fromisoformat(control[name])
    if control.get("taken_at") is not None and datetime.fromisoformat(control["taken_at"]).tzinfo is None:
        raise ValueError("taken_at")


def is_complete(dropped: Dropped, folder: Path, control: dict[str, Any] | None, now: float, settle: float) -> bool:
    """True where nothing has changed for the settle time, or where the control file promises what is already there."""
    if now - dropped.modified >= settle:
        return True
    if control is None or "fault" in control:
        return False
    if dropped.format == "template_xlsx":
        # a workbook's directory stands at its end: one that is cut short is no archive
        return zipfile.is_zipfile(folder / WORKBOOK)
    for name in ("pupils", "marks"):
        stated = control.get(name)
        # a quoted line break makes more lines than rows, so only fewer lines prove that rows are missing
        if stated is None or _lines(folder / f"{name}.csv") - 1 < stated:
            return False
    return True


def _lines(path: Path) -> int:
    data = path.read_bytes()
    return data.count(b"\n") + (not data.endswith(b"\n"))


def source_time(dropped: Dropped, control: dict[str, Any] | None) -> datetime:
    """When the school says it took the extract, else when its files were last changed."""
    if control and control.get("taken_at"):
        return datetime.fromisoformat(control["taken_at"]).astimezone(UTC)
    return datetime.fromtimestamp(dropped.modified, UTC)


def describe(dropped: Dropped, folder: Path, control: dict[str, Any] | None) -> Delivery:
    """The delivery with its scope; without a sound control file it is a delta, on whose word nothing is removed."""
    stated = control or {}
    mode: Mode = "snapshot" if stated.get("mode") == "snapshot" else "delta"
    scope = [date.fromisoformat(stated[name]) if stated.get(name) else None for name in ("scope_from", "scope_to")]
    return Delivery(
        folder=folder,
        format=dropped.format,
        pupils_mode=mode,
        marks_mode=mode,
        scope_from=scope[0],
        scope_to=scope[1],
        is_complete=mode == "snapshot",
        source_time=source_time(dropped, control),
        source_path=dropped.path,
        fingerprint=dropped.fingerprint,
        control=control,
    )


def is_taken(dropped: Dropped, request: Request) -> bool:
    """True where this very delivery was landed before: it is passed over without reading it."""
    return request.taken.get(dropped.path) == dropped.fingerprint
