"""Wonde's School Data API: a school's students, leavers and session marks, landed page by page."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Final

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


def fetch(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    """Students whole, with leavers; marks changed since the last night, or the whole window where that is asked.

    ``connector_settings`` hold ``school_id``; the connection's password is the bearer token, its ``extra`` may name
    ``base_url``, the filters, ``include``, ``per_page`` and the limits of ``Pages``.
    """
    school_id = school.connector_settings.get("school_id", "")
    if not SEGMENT.fullmatch(school_id):
        # a blank segment would address another resource
        raise SettingsError(f"{school.label} has no valid school_id in its connector_settings.")
    is_window = request.is_reconcile or request.since is None
    filters = _filters(connection, request, is_window=is_window)
    into.mkdir(parents=True, exist_ok=True)
    names = [
        "students.ndjson",
        "students_leaver.ndjson",
        "codes.json",
        "attendance.ndjson",
        "attendance_leavers.ndjson",
    ]
    size = {"per_page": str(int(connection.number("per_page", 200))), "cursor": "true"}
    include = {"include": str(connection.extra.get("include") or INCLUDES)}
    root = f"schools/{school_id}"
    with Pages(connection, school.label) as pages:
        _land(pages, f"{root}/students", size | include, into / names[0])
        _land(pages, f"{root}/students-leaver", size | include, into / names[1])
        _land(pages, f"{root}/attendance-codes", size, into / names[2])
        first = request.window_from if is_window else date.min
        for path, name in (("attendance", names[3]), ("attendance-leavers", names[4])):
            days = _land(pages, f"{root}/{path}/session", size | filters, into / name)
            _check_window(days, first, request.window_to, school)
    marks_mode: Mode = "window" if is_window else "delta"
    return [
        Delivery(
            folder=into,
            format="wonde_json",
            pupils_mode="snapshot",
            marks_mode=marks_mode,
            scope_from=request.window_from if is_window else None,
            scope_to=request.window_to if is_window else None,
            is_complete=True,
            # knowledge counts from the night's moment, however long the pages take
            source_time=request.night.known_at,
            source_path=f"wonde:{school_id}",
            fingerprint=_fingerprint(into, names),
        )
    ]


def _filters(connection: Connection, request: Request, *, is_window: bool) -> dict[str, str]:
    if is_window or request.since is None:
        first = str(connection.extra.get("date_from_name") or "attendance_date_from")
        last = str(connection.extra.get("date_to_name") or "attendance_date_to")
        return {first: request.window_from.isoformat(), last: request.window_to.isoformat()}
    name = str(connection.extra.get("updated_after_name") or "updated_after")
    return {name: (request.since - OVERLAP).strftime("%Y-%m-%d %H:%M:%S")}


def _land(pages: Pages, path: str, query: dict[str, str], target: Path) -> set[str]:
    """Write one page per line without its free texts; return the distinct days its records are about."""
    days: set[str] = set()
    with target.open("w", encoding="utf-8") as file:
        for page in pages.follow(path, query):
            for record in page["data"]:
                for name in FREE_TEXT:
                    record.pop(name, None)
                moment = record.get("date")
                if isinstance(moment, dict):
                    days.add(str(moment.get("date"))[:10])
            file.write(json.dumps(page, ensure_ascii=False, separators=(",", ":")) + "\n")
    return days


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
