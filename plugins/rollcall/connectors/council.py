"""The council's drop: ``<drop>/council/<feed>/<any-name>.csv``, with ``<any-name>.control.json`` beside it or without."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rollcall.connectors.deliveries import CONTROL_BYTES, FILE_BYTES, SETTLE_SECONDS
from rollcall.council import FeedDelivery
from rollcall.council.deliveries import FeedMode
from rollcall.errors import HostileDelivery, TransientError
from rollcall.extract import Night

FOLDER: Final = "council"
CONTROL: Final = ".control.json"
_CONTROL_NAMES: Final = ("feed", "version", "mode", "taken_at", "rows")


@dataclass(frozen=True)
class FeedFile:
    """One file of a feed as the drop shows it; ``fingerprint`` is over names, sizes and times."""

    feed: str
    path: Path
    source_path: str
    modified: float
    fingerprint: str


def look(drop: Path, feed: str, taken: Mapping[str, str]) -> list[FeedFile]:
    """The files of a feed that were not taken yet, oldest first; raises ``HostileDelivery`` where the folder is a link.

    ``taken`` is source path -> fingerprint of what was landed, held or refused before.
    """
    place = drop / FOLDER / feed
    if (drop / FOLDER).is_symlink() or place.is_symlink():
        raise HostileDelivery(f"The drop of {feed} is a link.")
    if not place.is_dir():
        return []
    found = []
    for path in sorted(place.iterdir()):
        if path.suffix != ".csv" or path.name.startswith("."):
            continue
        file = _describe(feed, path)
        if taken.get(file.source_path) != file.fingerprint:
            found.append(file)
    return sorted(found, key=lambda file: (file.modified, file.source_path))


def bring(file: FeedFile, night: Night, into: Path, settle: float = SETTLE_SECONDS) -> FeedDelivery | None:
    """Copy one file and its control file into ``into``; None where it is not complete, or taken after the night.

    Raises ``HostileDelivery`` for a link, a special file or one that is too large.
    """
    _check_regular(file.path)
    control_path = file.path.with_suffix(CONTROL)
    into.mkdir(parents=True)
    size = file.path.stat().st_size
    shutil.copyfile(file.path, into / f"{file.feed}.csv", follow_symlinks=False)
    if (into / f"{file.feed}.csv").stat().st_size != size:
        raise TransientError(f"A file of {file.feed} is still being written.")
    control = None
    if control_path.exists() or control_path.is_symlink():
        _check_regular(control_path)
        shutil.copyfile(control_path, into / "control.json", follow_symlinks=False)
        control = read_control(into / "control.json")
    moment = _source_time(file, control)
    is_settled = max(time.time(), night.known_at.timestamp()) - file.modified >= settle
    if moment > night.known_at or not (is_settled or _is_all_there(into / f"{file.feed}.csv", control)):
        shutil.rmtree(into)
        return None
    mode: FeedMode = "snapshot" if (control or {}).get("mode") == "snapshot" else "delta"
    return FeedDelivery(file.feed, into, mode, moment, file.source_path, file.fingerprint, control)


def read_control(path: Path) -> dict[str, Any]:
    """The control file, or ``{"fault": ...}`` where it is not what the interface describes: that is held."""
    try:
        control = json.loads(path.read_bytes()[: CONTROL_BYTES + 1])
        if not isinstance(control, dict) or control["mode"] not in ("snapshot", "delta"):
            raise ValueError("mode")
        if not isinstance(control.get("rows", 0), int) or not isinstance(control.get("version", 1), int):
            raise TypeError("rows or version")
        if datetime.fromisoformat(control["taken_at"]).tzinfo is None:
            raise ValueError("taken_at")
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"fault": "not a control file of the interface"}
    return {name: control[name] for name in _CONTROL_NAMES if name in control}


def _describe(feed: str, path: Path) -> FeedFile:
    states = [
        (item.name, item.lstat()) for item in (path, path.with_suffix(CONTROL)) if item.exists() or item.is_symlink()
    ]
    parts = [f"{name}:{state.st_size}:{state.st_mtime:.3f}" for name, state in states]
    return FeedFile(
        feed=feed,
        path=path,
        source_path=f"{FOLDER}/{feed}/{path.name}",
        modified=max(state.st_mtime for _, state in states),
        fingerprint=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
    )


def _check_regular(path: Path) -> None:
    state = path.lstat()
    if not stat.S_ISREG(state.st_mode):
        raise HostileDelivery("The drop holds a link or a special file.")
    if state.st_size > FILE_BYTES:
        raise HostileDelivery("A file is larger than a feed can be.")


def _source_time(file: FeedFile, control: dict[str, Any] | None) -> datetime:
    if control and control.get("taken_at"):
        return datetime.fromisoformat(control["taken_at"]).astimezone(UTC)
    return datetime.fromtimestamp(file.modified, UTC)


def _is_all_there(path: Path, control: dict[str, Any] | None) -> bool:
    """Whether the control file promises what is already there; a quoted line break makes more lines than rows."""
    stated = (control or {}).get("rows")
    if stated is None:
        return False
    data = path.read_bytes()
    return bool(data.count(b"\n") + (not data.endswith(b"\n")) - 1 >= stated)
