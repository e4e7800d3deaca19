"""Wonde's School Data API: a school's students, leavers and session marks, landed page by page."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic_core import to_json

from rollcall.city import School
from rollcall.connectors.connections import Connection
from rollcall.connectors.wonde_pages import Pages
from rollcall.errors import SettingsError, UnreadableDelivery
from rollcall.extract import Delivery, Mode, Request

OVERLAP: Final = timedelta(hours=24)
"""A watermark is moved back by this much: a source's clock, or a page read while it changed, may lag."""

INCLUDES: Final = "education_details,extended_details,registration,contact_details"
FREE_TEXT: Final = ("comment", "notes")
SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")


ROLL: Final = ("students.ndjson", "students_leaver.ndjson", "codes.json")
MARKS: Final = {"attendance": "attendance.ndjson", "attendance-leavers": "attendance_leavers.ndjson"}


def fetch(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    """Students whole, with leavers; the marks changed since the last night, of any age; and, on a reconcile night or
    the first one, the whole window besides, as a second delivery in which what is not there was removed.

    ``connector_settings`` hold ``school_id``; the connection's password is the bearer token, its ``extra`` may name
    ``base_url``, the filters, ``include``, ``per_page`` and the limits of ``Pages``.
    """
    school_id = school.connector_settings.get("school_id", "")
    if not SEGMENT.fullmatch(school_id):
        # a blank segment would address another resource
        raise SettingsError(f"{school.label} has no valid school_id in its connector_settings.")
    modes: list[Mode] = ["delta"] if request.since else []
    modes += ["window"] if request.is_reconcile or not request.since else []
    size = {"per_page": str(int(connection.number("per_page", 200))), "cursor": "true"}
    include = {"include": str(connection.extra.get("include") or INCLUDES)}
    root = f"schools/{school_id}"
    deliveries: list[Delivery] = []
    with Pages(connection, school.label) as pages:
        for mode in modes:
            folder = into / mode
            folder.mkdir(parents=True)
            if deliveries:
                for name in ROLL:
                    shutil.copyfile(deliveries[0].folder / name, folder / name)
            else:
                _land(pages, f"{root}/students", size | include, folder / ROLL[0])
                _land(pages, f"{root}/students-leaver", size | include, folder / ROLL[1])
                _land(pages, f"{root}/attendance-codes", size, folder / ROLL[2])
            filters = _filters(connection, request, mode)
            for path, name in MARKS.items():
                days = _land(pages, f"{root}/{path}/session", size | filters, folder / name)
                first = request.window_from if mode == "window" else date.min
                _check_window(days, first, request.window_to, school)
            deliveries.append(_delivery(request, school_id, mode, folder))
    return deliveries


def _delivery(request: Request, school_id: str, mode: Mode, folder: Path) -> Delivery:
    is_window = mode == "window"
    return Delivery(
        folder=folder,
        format="wonde_json",
        pupils_mode="snapshot",
        marks_mode=mode,
        scope_from=request.window_from if is_window else None,
        scope_to=request.window_to if is_window else None,
        is_complete=True,
        # knowledge counts from the night's moment, however long the pages take
        source_time=request.night.known_at,
        source_path=f"wonde:{school_id}:{mode}",
        fingerprint=_fingerprint(folder, [*ROLL, *MARKS.values()]),
    )


def _filters(connection: Connection, request: Request, mode: Mode) -> dict[str, str]:
    if mode == "window" or request.since is None:
        first = str(connection.extra.get("date_from_name") or "attendance_date_from")
        last = str(connection.extra.get("date_to_name") or "attendance_date_to")
        return {first: request.window_from.isoformat(), last: request.window_to.isoformat()}
    name = str(connection.extra.get("updated_after_name") or "updated_after")
    return {name: (request.since - OVERLAP).strftime("%Y-%m-%d %H:%M:%S")}


def _land(pages: Pages, path: str, query: dict[str, str], target: Path) -> set[str]:
    """Write one page per line without its free texts; return the distinct days its records are about."""
    days: set[str] = set()
    with target.open("wb") as file:
        for page in pages.follow(path, query):
            for record in page["data"]:
                for name in FREE_TEXT:
                    record.pop(name, None)
                moment = record.get("date")
                if isinstance(moment, dict):
                    days.add(str(moment.get("date"))[:10])
            file.write(_text_of(page) + b"\n")
    return days


def _text_of(page: dict[str, Any]) -> bytes:
    """The page as JSON on one line."""
    try:
        return to_json(page, inf_nan_mode="constants")
    except ValueError:  # nested deeper than the quick writer goes
        return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()


def _check_window(days: set[str], first: date, last: date, school: School) -> None:
    """A filter with a wrong name may be ignored, and everything returned: then the scope would be a lie."""
    # a date object in UTC may name the evening before
    earliest = first - timedelta(days=1) if first > date.min else first
    if any(not earliest.isoformat() <= day <= last.isoformat() for day in days):
        raise UnreadableDelivery(
            f"{school.label} answered with marks outside the dates asked for.",
            next_action="Check the filter names of the school's connection.",
        )


def _fingerprint(folder: Path, names: list[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
