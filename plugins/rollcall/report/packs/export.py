"""Writing a pack: who asks, may they, what it is, the line in the log, and then the files."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rollcall.city import City
from rollcall.errors import ExportRefused
from rollcall.report.packs.board import board_pack
from rollcall.report.packs.lists import SCHOOL, Scope, check_scope
from rollcall.report.packs.pack import Pack
from rollcall.report.packs.plans import plans_pack
from rollcall.report.packs.rendering import about, page
from rollcall.report.packs.statutory import statutory_pack
from rollcall.report.packs.tsm import tsm_pack
from rollcall.report.packs.virtual_school import virtual_school_pack
from rollcall.report.packs.workbook import workbook
from rollcall.report.pdf import write_pdf
from rollcall.report.reading import Reader, Row
from rollcall.settings import Settings
from rollcall.warehouse.connect import connect

MAX_ROWS: Final = 20_000
MAX_ROWS_WITH_NAMES: Final = 2_500
"""Rows about children that one pack may hold: what is larger is no list that a person works from."""
_LISTS: Final[dict[str, Callable[[Reader, City, Scope], Pack]]] = {
    "plans": plans_pack,
    "statutory": statutory_pack,
    "virtual-school": virtual_school_pack,
}


@dataclass(frozen=True)
class Request:
    """What is asked for: the kind of pack, whose children, for whom (``audience``), and whether and why with names."""

    kind: str
    scope: Scope = field(default_factory=Scope)
    audience: str = ""
    term: str = ""
    year: str = ""
    trust: str = ""
    with_names: bool = False
    why: str = ""


def write_pack(settings: Settings, city: City, request: Request) -> list[Path]:
    """Write one pack and its line of the log; returns the files.

    Reads as ``bi_reader``; with names as ``identity_reader``. Raises ``ExportRefused`` where the pack may not be written;
    then nothing is written and nothing logged. The line is committed before the files are: a log may tell of a pack that
    was not finished, never the other way.
    """
    _check(settings, request)
    check_scope(request.scope, city)
    with connect(settings, "identity_reader" if request.with_names else "bi_reader") as connection:
        reader = Reader(connection)
        pack = _build(reader, city, request, settings.packs)
        if request.with_names:
            names = _read_names(reader, pack)
            pack = replace(pack, sheets=[sheet.named(names) for sheet in pack.sheets])
    most = MAX_ROWS_WITH_NAMES if request.with_names else MAX_ROWS
    if pack.children_rows > most:
        raise ExportRefused(
            f"The pack would hold {pack.children_rows:,} rows about children; one may hold {most:,}.",
            next_action="Ask for one school or one link officer: --school or --officer.",
        )
    told = about(pack, city, audience=request.audience, why=request.why, with_names=request.with_names)
    name = f"{pack.kind}-{pack.slug}{'-names' if request.with_names else ''}"
    folder = settings.packs / pack.kind / str(pack.published.night)
    files = {folder / f"{name}.html": page(pack, city, told).encode()}
    if pack.sheets:
        files[folder / f"{name}.xlsx"] = workbook(pack, told)
    _log(settings, request, pack, [path.name for path in files])
    for path, content in files.items():
        _write_private(settings.packs, path, content)
    if not pack.children_rows and not pack.sheets:
        return [*files, *_pdf(folder / f"{name}.html")]
    return list(files)


def _check(settings: Settings, request: Request) -> None:
    if not request.audience.strip():
        raise ExportRefused("A pack is for somebody.", next_action='Say for whom: --for "name and role".')
    if request.with_names and not request.why.strip():
        raise ExportRefused("Names need a reason.", next_action='Say why: --why "the review meeting of ...".')
    if settings.packs == settings.published or settings.published in settings.packs.parents:
        raise ExportRefused(
            "The folder of the packs lies in the published folder.",
            next_action="Set ROLLCALL_PACKS to a folder outside ROLLCALL_PUBLISHED.",
        )


def _build(reader: Reader, city: City, request: Request, folder: Path) -> Pack:
    if request.kind == "tsm":
        return tsm_pack(reader, city, request.scope.urn, request.term, request.year)
    if request.kind == "board":
        return board_pack(reader, city, request.scope.urn, request.trust, folder)
    pack = _LISTS[request.kind](reader, city, request.scope)
    if request.scope.urn is None:
        return pack
    # every row would say the same
    return replace(pack, sheets=[sheet.without([column.name for column in SCHOOL]) for sheet in pack.sheets])


def _read_names(reader: Reader, pack: Pack) -> dict[int, Row]:
    persons = {row["person_id"] for sheet in pack.sheets for row in sheet.rows if row.get("person_id") is not None}
    rows = reader.rows(
        "select person_id, surname, forename, upn from identity.child where person_id = any(%(persons)s)",
        persons=sorted(persons),
    )
    return {row["person_id"]: row for row in rows}


def _log(settings: Settings, request: Request, pack: Pack, files: list[str]) -> None:
    with connect(settings, "loader") as connection:
        connection.execute(
            "insert into ops.export_log (exported_by, audience, why, pack, scope, night, known_at, rows, has_names, files)"
            " values (%s, %s, nullif(%s, ''), %s, %s, %s, %s, %s, %s, %s)",
            [
                _user(), request.audience.strip(), request.why.strip(), pack.kind, pack.scope, pack.published.night,
                pack.published.known_at, pack.children_rows, request.with_names, ", ".join(files),
            ],
        )  # fmt: skip


def _user() -> str:
    """The operating system's user who runs this: by name where it has one, else by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _write_private(root: Path, path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, aside and then into place, in folders that only its owner can open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (root, path.parent.parent, path.parent):
        folder.chmod(0o700)
    aside = path.with_suffix(path.suffix + ".part")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    aside.replace(path)


def _pdf(html: Path) -> list[Path]:
    path = html.with_suffix(".pdf")
    if write_pdf(html.read_text(encoding="utf-8"), path):
        return []
    path.chmod(0o600)
    return [path]
