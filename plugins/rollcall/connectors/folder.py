"""The watched folder: ``<drop>/<URN>/<delivery>/`` on a disk that the school, or somebody for it, can write to."""

from __future__ import annotations

import shutil
import stat
import time
from pathlib import Path

from rollcall.city import School
from rollcall.connectors.connections import Connection
from rollcall.connectors.deliveries import (
    FILE_BYTES,
    SETTLE_SECONDS,
    UNFINISHED,
    Dropped,
    DroppedFile,
    describe,
    is_complete,
    is_taken,
    read_control,
    recognise,
    source_time,
)
from rollcall.errors import HostileDelivery, NothingDelivered, SettingsError, TransientError
from rollcall.extract import Delivery, Request


def fetch(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    """Copy every complete delivery that is new by the night's moment; the drop itself is never changed.

    The drop's path is the connection's ``extra["path"]`` or its host. Raises ``NothingDelivered`` where nothing is new.
    """
    drop = Path(connection.extra.get("path") or connection.host)
    if not drop.is_absolute() or not drop.is_dir():
        raise SettingsError(f"The watched folder of {school.label} is not there.")
    settle = connection.number("settle_seconds", SETTLE_SECONDS)
    place = drop / str(school.urn)
    if place.is_symlink():
        raise HostileDelivery(f"The drop of {school.label} is a link.")
    found = [] if not place.is_dir() else [_look(path) for path in sorted(place.iterdir()) if _is_delivery(path)]
    known_at = request.night.known_at
    deliveries: list[Delivery] = []
    waiting = 0
    for dropped in found:
        if dropped is None or is_taken(dropped, request):
            continue
        folder = into / f"delivery-{len(deliveries) + waiting}"
        _copy(dropped, folder)
        control = read_control(folder)
        if source_time(dropped, control) > known_at:
            shutil.rmtree(folder)
            continue
        if not is_complete(dropped, folder, control, max(time.time(), known_at.timestamp()), settle):
            waiting += 1
            continue
        deliveries.append(describe(dropped, folder, control))
    if not deliveries:
        raise NothingDelivered(
            "Nothing new was delivered." if not waiting else f"{waiting} delivery is not complete yet."
        )
    return sorted(deliveries, key=lambda delivery: (delivery.source_time, delivery.source_path))


def _is_delivery(path: Path) -> bool:
    return path.is_symlink() or (path.is_dir() and not path.name.startswith(".") and path.suffix not in UNFINISHED)


def _look(path: Path) -> Dropped | None:
    if path.is_symlink():
        raise HostileDelivery("The drop holds a link.")
    listing = []
    for file in path.iterdir():
        state = file.lstat()
        if stat.S_ISREG(state.st_mode):
            listing.append(DroppedFile(file.name, state.st_size, state.st_mtime))
        elif stat.S_ISLNK(state.st_mode):
            raise HostileDelivery("A delivery holds a link.")
    return recognise(str(path), listing)


def _copy(dropped: Dropped, folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in dropped.files:
        if file.bytes > FILE_BYTES:
            raise HostileDelivery(f"{file.name} is larger than a register can be.")
        source = Path(dropped.path) / file.name
        shutil.copyfile(source, folder / file.name, follow_symlinks=False)
        if (folder / file.name).stat().st_size != file.bytes:
            raise TransientError(f"{file.name} is still being written.")
