"""What a delivery may be before anyone opens it: names, sizes, links, and what a workbook may unpack to."""

from __future__ import annotations

import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from rollcall.council.feeds import FEEDS
from rollcall.errors import HostileDelivery, UnreadableDelivery

NAMES: Final = {
    "template_csv": ("pupils.csv", "marks.csv", "control.json"),
    "template_xlsx": ("register.xlsx", "control.json"),
    "wonde_json": (
        "students.ndjson",
        "students_leaver.ndjson",
        "attendance.ndjson",
        "attendance_leavers.ndjson",
        "codes.json",
    ),
    "council_csv": (*[f"{name}.csv" for name in FEEDS], "control.json"),
}
ARCHIVES: Final = re.compile(r"\.(zip|gz|bz2|xz|7z|rar|tar|xlsx|xlsm|docx)$", re.IGNORECASE)
MACROS: Final = re.compile(r"(vbaProject\.bin|/embeddings/|/activeX/)", re.IGNORECASE)
PROLOGUE_BYTES: Final = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one delivery, in bytes and counts; ``ratio`` is unpacked to packed size."""

    file_bytes: int = 256 * 1024**2
    delivery_bytes: int = 512 * 1024**2
    files: int = 8
    members: int = 500
    unpacked_bytes: int = 1024**3
    ratio: int = 100


def check_delivery(folder: Path, format_name: str, limits: Limits) -> list[Path]:
    """A delivery's files in name order; raises ``HostileDelivery``, or ``UnreadableDelivery`` if there are none."""
    files = sorted(folder.iterdir())
    if len(files) > limits.files:
        raise HostileDelivery(f"The delivery holds {len(files)} files; {limits.files} are allowed.")
    total = 0
    for path in files:
        mode = path.lstat().st_mode
        if path.name not in NAMES[format_name]:
            raise HostileDelivery("The delivery holds a file whose name the format does not know.")
        if not stat.S_ISREG(mode):
            raise HostileDelivery(f"{path.name} is a link or a special file.")
        size = path.stat().st_size
        total += size
        if size > limits.file_bytes or total > limits.delivery_bytes:
            raise HostileDelivery(f"{path.name} takes the delivery over its size limit.")
    if not files:
        raise UnreadableDelivery("The delivery holds no file.")
    for path in files:
        if path.suffix == ".xlsx":
            check_workbook(path, limits)
    return files


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse a workbook that unpacks too far, climbs out of its folder, or hides entities in its XML parts."""
    try:
        with zipfile.ZipFile(path) as book:
            members = book.infolist()
            _check_members(path, members, limits)
            if "[Content_Types].xml" not in book.namelist():
                raise UnreadableDelivery(f"{path.name} is not a workbook.")
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".vml")):
                    _check_xml(path, book, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableDelivery(f"{path.name} is not a readable workbook.") from error


def _check_members(path: Path, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise HostileDelivery(f"{path.name} packs {len(members)} parts; {limits.members} are allowed.")
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > limits.unpacked_bytes or unpacked > limits.ratio * max(packed, PROLOGUE_BYTES):
        raise HostileDelivery(f"{path.name} unpacks to {unpacked} bytes from {packed}: a zip bomb.")
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in member.filename or "\0" in member.orig_filename:
            raise HostileDelivery(f"{path.name} packs a part with a path that leaves its folder.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise HostileDelivery(f"{path.name} packs a link.")
        if member.flag_bits & 1:
            raise HostileDelivery(f"{path.name} is encrypted.")
        if ARCHIVES.search(member.filename) or MACROS.search(member.filename):
            raise HostileDelivery(f"{path.name} packs an archive, a macro or an embedded object.")


def _check_xml(path: Path, book: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """A workbook part never needs a document type; it must stand before the root, so the opening alone is parsed."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.expatreader import DefusedExpatParser

    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature("http://xml.org/sax/features/external-general-entities", False)
    with book.open(member) as part:
        opening = part.read(PROLOGUE_BYTES)
    try:
        parser.feed(opening)
    except DefusedXmlException as error:
        raise HostileDelivery(f"{path.name} holds XML entities or a document type.") from error
    except Exception as error:
        raise UnreadableDelivery(f"{path.name} holds XML that cannot be read.") from error
