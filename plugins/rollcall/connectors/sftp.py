"""The SFTP drop: the same deliveries on a server whose host key we know; path tricks and links are refused."""

from __future__ import annotations

import asyncio
import shutil
import stat
import time
from pathlib import Path, PurePosixPath
from typing import Any, Final

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
from rollcall.connectors.retry import Patience, with_retries
from rollcall.errors import AccessRefused, HostileDelivery, NothingDelivered, TransientError, UnreadableDelivery
from rollcall.extract import Delivery, Request

SECONDS: Final = 60.0
MANY: Final = 10_000
QUICK_CIPHER: Final = "aes256-gcm@openssh.com"
"""Asked for first: processors have instructions for it, and none for the library's own first choice. A server without it is
given the library's choice."""


def fetch(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    """Download every complete delivery that is new by the night's moment; nothing on the server is changed.

    The connection's ``extra`` holds ``host_key`` (as in a known-hosts file, without the host), and optionally ``path``
    (the folder above the URNs), ``settle_seconds``, ``max_wait_seconds``. A missing or changed host key raises
    ``AccessRefused``.
    """
    patience = Patience(total_wait=connection.number("max_wait_seconds", 120))
    deliveries = with_retries(lambda: _once(school, connection, request, into), patience)
    return sorted(deliveries, key=lambda delivery: (delivery.source_time, delivery.source_path))


def _once(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    import asyncssh

    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    limit = connection.number("timeout_seconds", 900)
    try:
        return asyncio.run(asyncio.wait_for(_session(school, connection, request, into), limit))
    except (asyncssh.HostKeyNotVerifiable, asyncssh.PermissionDenied, asyncssh.KeyExchangeFailed) as error:
        raise AccessRefused(f"The SFTP server of {school.label} refused us: {type(error).__name__}.") from None
    except asyncssh.SFTPPermissionDenied:
        raise AccessRefused(f"The SFTP server of {school.label} denies its folder.") from None
    except (asyncssh.SFTPError, asyncssh.Error, OSError, TimeoutError) as error:
        raise TransientError(f"The SFTP server of {school.label} failed: {type(error).__name__}.") from None


async def _session(school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    import asyncssh

    host_key = str(connection.extra.get("host_key") or "").strip()
    if not host_key:
        raise AccessRefused(f"The connection of {school.label} has no host_key; an unknown server is not trusted.")
    port = connection.port or 22
    try:
        known = asyncssh.import_known_hosts(f"[{connection.host}]:{port} {host_key}\n{connection.host} {host_key}\n")
    except ValueError:
        raise AccessRefused(f"The host_key of {school.label} cannot be read.") from None
    async with (
        asyncssh.connect(
            connection.host,
            port,
            username=connection.login,
            password=connection.password or None,
            client_keys=None if connection.password else connection.extra.get("key_file"),
            agent_path=None,
            config=None,
            known_hosts=known,
            encryption_algs=f"^{QUICK_CIPHER}",
            connect_timeout=SECONDS,
            login_timeout=SECONDS,
            keepalive_interval=15,
        ) as server,
        server.start_sftp_client() as sftp,
    ):
        return await _take(sftp, school, connection, request, into)


async def _take(sftp: Any, school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
    root = PurePosixPath(str(connection.extra.get("path") or "."))
    place = root / str(school.urn)
    # a server that locks each school into its own folder shows no URN
    base = place if await sftp.isdir(str(place)) else root
    settle, known_at = connection.number("settle_seconds", SETTLE_SECONDS), request.night.known_at
    deliveries: list[Delivery] = []
    waiting = 0
    for dropped in await _list(sftp, base, school):
        if is_taken(dropped, request):
            continue
        folder = into / f"delivery-{len(deliveries) + waiting}"
        await _download(sftp, dropped, base, folder)
        control = read_control(folder)
        if source_time(dropped, control) > known_at:
            shutil.rmtree(folder)
        elif is_complete(dropped, folder, control, max(time.time(), known_at.timestamp()), settle):
            deliveries.append(describe(dropped, folder, control))
        else:
            waiting += 1
    if not deliveries:
        raise NothingDelivered(
            "Nothing new was delivered." if not waiting else f"{waiting} delivery is not complete yet."
        )
    return deliveries


async def _list(sftp: Any, base: PurePosixPath, school: School) -> list[Dropped]:
    found = []
    for entry in sorted(await sftp.readdir(str(base)), key=lambda item: item.filename):
        name = _name(entry.filename)
        if name.startswith(".") or name.endswith(UNFINISHED):
            continue
        mode = entry.attrs.permissions or 0
        if stat.S_ISLNK(mode):
            raise HostileDelivery(f"The drop of {school.label} holds a link.")
        if not stat.S_ISDIR(mode):
            continue
        listing = []
        for file in await sftp.readdir(str(base / name)):
            file_mode = file.attrs.permissions or 0
            if stat.S_ISLNK(file_mode):
                raise HostileDelivery(f"A delivery of {school.label} holds a link.")
            if stat.S_ISREG(file_mode):
                listing.append(DroppedFile(_name(file.filename), file.attrs.size or 0, float(file.attrs.mtime or 0)))
        dropped = recognise(f"{school.urn}/{name}", listing)
        if dropped:
            found.append(dropped)
        if len(found) > MANY:
            raise UnreadableDelivery(f"The drop of {school.label} holds more than {MANY} deliveries.")
    return found


def _name(name: str) -> str:
    """A name as the server lists it; one with a path in it would climb out of its folder."""
    if "/" in name or "\\" in name or "\0" in name:
        raise HostileDelivery("The server lists a name with a path in it.")
    return name


async def _download(sftp: Any, dropped: Dropped, base: PurePosixPath, folder: Path) -> None:
    folder.mkdir(parents=True)
    delivery = PurePosixPath(dropped.path).name
    for file in dropped.files:
        if file.bytes > FILE_BYTES:
            raise HostileDelivery(f"{file.name} is larger than a register can be.")
        written = 0
        async with sftp.open(str(base / delivery / file.name), "rb") as source:
            with (folder / file.name).open("wb") as target:
                while chunk := await source.read(1024 * 1024):
                    written += len(chunk)
                    if written > FILE_BYTES:
                        raise HostileDelivery(f"{file.name} grows beyond what a register can be.")
                    target.write(chunk)
        if written != file.bytes:
            raise TransientError(f"{file.name} is still being written.")
