"""The landing store: a folder or, by its URL, an object store; extracts are written once and read by their URI."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from datetime import date
from pathlib import Path
from typing import Any, Final

from rollcall.city import School
from rollcall.council import FeedExtract
from rollcall.errors import HostileDelivery, UnreadableDelivery
from rollcall.extract import Delivery, Extract, LandedFile, Night, hash_of
from rollcall.land.limits import Limits, check_delivery

MANIFEST: Final = "manifest.json"
CHUNK: Final = 1024 * 1024


def land(landing: str, school: School, night: Night, delivery: Delivery, limits: Limits | None = None) -> Extract:
    """Write a delivery into the landing store and return its extract; the same delivery again returns the first one.

    ``landing`` is a folder or an fsspec URL (``s3://...``). Raises ``HostileDelivery`` or ``UnreadableDelivery`` before
    anything is written.
    """
    paths = check_delivery(delivery.folder, delivery.format, limits or Limits())
    files = tuple(_describe(path) for path in paths)
    digest = hash_of(school.urn, delivery, files)
    uri = "/".join([landing.rstrip("/"), night.date.isoformat(), str(school.urn), digest[:12]])
    filesystem, place = _open(uri)
    if filesystem.exists(f"{place}/{MANIFEST}"):
        return read_extract(uri)
    extract = Extract(
        extract_hash=digest,
        urn=school.urn,
        connector=school.connector,
        format=delivery.format,
        pupils_mode=delivery.pupils_mode,
        marks_mode=delivery.marks_mode,
        scope_from=delivery.scope_from,
        scope_to=delivery.scope_to,
        is_complete=delivery.is_complete,
        source_time=delivery.source_time,
        source_path=delivery.source_path,
        fingerprint=delivery.fingerprint,
        night=night.date,
        known_at=night.known_at,
        files=files,
        landed_uri=uri,
        control=delivery.control,
    )
    if _is_local(filesystem):
        _write_local(Path(place), paths, extract)
    else:
        _write_remote(filesystem, place, paths, extract)
    _check_written(filesystem, place, extract)
    return extract


def read_extract(uri: str) -> Extract:
    """The extract whose manifest lies at ``uri``; raises ``UnreadableDelivery`` where there is none."""
    filesystem, place = _open(uri)
    try:
        text = filesystem.cat_file(f"{place}/{MANIFEST}").decode()
    except FileNotFoundError as error:
        raise UnreadableDelivery("There is no manifest at the landed place named.") from error
    return Extract.from_json(text).with_uri(uri)


def list_extracts(landing: str, night: date) -> list[Extract]:
    """Every extract landed for a night, by URN and then by source time."""
    root = f"{landing.rstrip('/')}/{night.isoformat()}"
    filesystem, place = _open(root)
    found = sorted(filesystem.glob(f"{place}/*/*/{MANIFEST}"))
    extracts = [read_extract(root + "/" + "/".join(path.split("/")[-3:-1])) for path in found]
    return sorted(extracts, key=lambda extract: (extract.urn, extract.source_time, extract.extract_hash))


def _open(uri: str) -> tuple[Any, str]:
    import fsspec.core

    return fsspec.core.url_to_fs(uri)  # type: ignore[no-any-return]


def _is_local(filesystem: Any) -> bool:
    return "file" in (filesystem.protocol if isinstance(filesystem.protocol, tuple) else (filesystem.protocol,))


def _describe(path: Path) -> LandedFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return LandedFile(path.name, size, digest.hexdigest())


def _write_local(place: Path, paths: list[Path], extract: Extract | FeedExtract) -> None:
    """Fill a temporary folder beside the place and rename it: a reader sees the whole extract or none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.parent / f".{place.name}.{uuid.uuid4().hex}.part"
    try:
        (aside / "raw").mkdir(parents=True)
        for path in paths:
            shutil.copyfile(path, aside / "raw" / path.name, follow_symlinks=False)
        (aside / MANIFEST).write_text(extract.to_json(), encoding="utf-8")
        if place.exists():  # without a manifest, so a writer died there
            shutil.rmtree(place)
        aside.replace(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_remote(filesystem: Any, place: str, paths: list[Path], extract: Extract | FeedExtract) -> None:
    """An object store cannot rename a folder: the manifest, written last, is what makes the extract exist."""
    for path in paths:
        filesystem.put_file(str(path), f"{place}/raw/{path.name}")
    filesystem.pipe_file(f"{place}/{MANIFEST}", extract.to_json().encode())


def _check_written(filesystem: Any, place: str, extract: Extract | FeedExtract) -> None:
    """The source may change a file between the hash and the copy; then nothing is kept."""
    for item in extract.files:
        digest = hashlib.sha256()
        with filesystem.open(f"{place}/raw/{item.name}", "rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != item.sha256:
            filesystem.rm(place, recursive=True)
            raise HostileDelivery(f"{item.name} changed while it was being landed.")
