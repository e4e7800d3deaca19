"""Watched folder and SFTP: one set of rules for what is a complete delivery, and no trust in the server."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from rollcall.connectors import Connection, connector_for
from rollcall.errors import AccessRefused, HostileDelivery, NothingDelivered, TransientError
from rollcall.extract import Delivery, Night, Request
from tests.deliveries import GOOD_MARKS, GOOD_PUPILS, NIGHT, URN, Door, template

REQUEST = Request(NIGHT, date(2026, 6, 24), date(2026, 7, 8))
CONTROL = {
    "template": 1, "urn": URN, "mode": "snapshot", "scope_from": "2026-06-01", "scope_to": "2026-07-08",
    "taken_at": "2026-07-08T16:00:00+00:00", "pupils": 2, "marks": 5,
}  # fmt: skip


@dataclass
class Drop:
    """A drop of one kind: where the school puts deliveries, and how we fetch from it."""

    place: Path
    fetch: Callable[[Request], list[Delivery]]

    def put(self, name: str, control: dict[str, Any] | None = None, modified: float | None = None) -> Path:
        """A delivery as the school leaves it, an hour before the night unless ``modified`` says else."""
        folder = self.place / name
        folder.mkdir(parents=True)
        for file, data in template(GOOD_PUPILS, GOOD_MARKS).items():
            (folder / file).write_bytes(data)
        if control is not None:
            (folder / "control.json").write_text(json.dumps(control))
        stamp = NIGHT.known_at.timestamp() - 3600 if modified is None else modified
        for path in folder.iterdir():
            os.utime(path, (stamp, stamp))
        return folder


class Server:
    """An SFTP server on the loopback, on its own thread."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.options, self.ciphers = options, []
        self.root, self.key = root, asyncssh.generate_private_key("ssh-ed25519")
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    def _run(self) -> None:
        class Passwords(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("school", "secret-word")

        def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
            self.ciphers.append(channel.get_extra_info("send_cipher"))
            return asyncssh.SFTPServer(channel, chroot=str(self.root).encode())

        async def listen() -> None:
            server = await asyncssh.listen(
                "127.0.0.1", 0, server_factory=Passwords, server_host_keys=[self.key],
                sftp_factory=files,
                **self.options,
            )  # fmt: skip
            self.port = server.get_port()
            self.ready.set()

        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(listen())
        self.loop.run_forever()

    def connection(self, **changes: Any) -> Connection:
        """How we reach it, but for these changes."""
        host_key = self.key.export_public_key().decode().strip()
        extra = {"host_key": host_key, "max_wait_seconds": 0} | changes.pop("extra", {})
        return Connection(
            "sftp", "127.0.0.1", changes.pop("port", self.port), "school", changes.pop("password", "secret-word"), extra
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    root = tmp_path / "server"
    root.mkdir()
    server = Server(root)
    yield server
    server.loop.call_soon_threadsafe(server.loop.stop)
    server.thread.join(10)


@pytest.fixture(params=["folder", "sftp", "sftp with the school's own root"])
def drop(request: pytest.FixtureRequest, door: Door, tmp_path: Path) -> Drop:
    school = replace(door.city.schools[URN], connector=request.param.split()[0])
    if request.param == "folder":
        root = tmp_path / "drop"
        connection = Connection("fs", extra={"path": str(root)})
    else:
        running: Server = request.getfixturevalue("server")
        root, connection = running.root, running.connection()
    place = root if "own root" in request.param else root / str(URN)
    place.mkdir(parents=True, exist_ok=True)
    pulls = iter(range(100))
    return Drop(place, lambda asked: connector_for(school)(school, connection, asked, tmp_path / f"pull-{next(pulls)}"))


def test_a_snapshot_says_its_scope_and_comes_as_it_lies(drop: Drop):
    folder = drop.put("d1", CONTROL)
    (delivery,) = drop.fetch(REQUEST)
    assert (delivery.marks_mode, delivery.is_complete) == ("snapshot", True)
    assert (delivery.scope_from, delivery.scope_to) == (date(2026, 6, 1), date(2026, 7, 8))
    assert delivery.source_time == datetime(2026, 7, 8, 16, tzinfo=UTC)
    assert {path.name: path.read_bytes() for path in delivery.folder.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_without_a_control_file_nothing_may_be_removed(drop: Drop):
    drop.put("d1")
    (delivery,) = drop.fetch(REQUEST)
    assert (delivery.pupils_mode, delivery.marks_mode, delivery.is_complete) == ("delta", "delta", False)


def test_what_was_taken_is_not_brought_again_unless_it_changed(drop: Drop):
    folder = drop.put("d1", CONTROL)
    (delivery,) = drop.fetch(REQUEST)
    asked = replace(REQUEST, taken={delivery.source_path: delivery.fingerprint})
    with pytest.raises(NothingDelivered):
        drop.fetch(asked)
    (folder / "marks.csv").write_bytes((folder / "marks.csv").read_bytes() + b"\r\n")
    os.utime(folder / "marks.csv", (NIGHT.known_at.timestamp() - 1000,) * 2)
    assert len(drop.fetch(asked)) == 1


def test_deliveries_come_in_the_order_they_were_taken(drop: Drop):
    drop.put("a", CONTROL | {"taken_at": "2026-07-08T17:00:00+00:00"})
    drop.put("b", CONTROL)
    assert [Path(delivery.source_path).name for delivery in drop.fetch(REQUEST)] == ["b", "a"]


@pytest.mark.parametrize("control", [CONTROL | {"taken_at": "2026-07-09T16:00:00+00:00"}, None])
def test_a_past_night_sees_only_what_was_there_then(drop: Drop, control: dict[str, Any] | None):
    drop.put("d1", control, modified=NIGHT.known_at.timestamp() + 60)
    with pytest.raises(NothingDelivered):
        drop.fetch(REQUEST)


@pytest.mark.parametrize("promised_marks", [None, 6])
def test_a_delivery_still_being_written_waits(drop: Drop, promised_marks: int | None):
    """It waits without a control file, and where the control file promises a row that is not there yet."""
    now = datetime.now(UTC)
    control = promised_marks and CONTROL | {"marks": promised_marks, "taken_at": now.isoformat()}
    drop.put("d1", control or None, modified=now.timestamp() - 2)
    with pytest.raises(NothingDelivered, match="1 delivery is not complete"):
        drop.fetch(replace(REQUEST, night=Night(now.date(), now)))


def test_a_delivery_that_agrees_with_its_control_file_need_not_settle(drop: Drop):
    now = datetime.now(UTC)
    drop.put("d1", CONTROL | {"taken_at": now.isoformat()}, modified=now.timestamp() - 2)
    assert len(drop.fetch(replace(REQUEST, night=Night(now.date(), now)))) == 1


def test_half_a_delivery_is_none_yet(drop: Drop):
    folder = drop.put("d1")
    (folder / "marks.csv").rename(folder / "marks.csv.part")
    with pytest.raises(NothingDelivered):
        drop.fetch(REQUEST)


@pytest.mark.parametrize("name", ["d1.part", "d1.tmp"])
def test_a_folder_that_is_not_called_finished_waits_though_its_files_are_all_there(drop: Drop, name: str):
    drop.put(name, CONTROL)
    with pytest.raises(NothingDelivered):
        drop.fetch(REQUEST)


@pytest.mark.parametrize(("is_whole", "count"), [(True, 1), (False, 0)])
def test_a_workbook_with_its_control_file_need_not_settle_once_it_is_whole(drop: Drop, is_whole: bool, count: int):
    folder = drop.place / "d1"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "register.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    data = (folder / "register.xlsx").read_bytes()
    (folder / "register.xlsx").write_bytes(data if is_whole else data[:-30])
    (folder / "control.json").write_text(json.dumps(CONTROL))
    try:
        found = drop.fetch(REQUEST)
    except NothingDelivered:
        found = []
    assert len(found) == count


@pytest.mark.parametrize("text", ["{", "[]", '{"mode": "everything"}', '{"mode": "delta", "urn": "900001"}', "null"])
def test_a_broken_control_file_is_brought_to_be_held(drop: Drop, text: str):
    folder = drop.put("d1", CONTROL)
    (folder / "control.json").write_text(text)
    os.utime(folder / "control.json", (NIGHT.known_at.timestamp() - 3600,) * 2)
    (delivery,) = drop.fetch(REQUEST)
    assert delivery.control is not None
    assert "fault" in delivery.control


def test_a_link_in_the_drop_is_refused(drop: Drop, tmp_path: Path):
    folder = drop.put("d1", CONTROL)
    (tmp_path / "secret.csv").write_text("secret")
    (folder / "pupils.csv").unlink()
    (folder / "pupils.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(HostileDelivery, match="link"):
        drop.fetch(REQUEST)


def test_an_empty_drop_is_silence(drop: Drop):
    with pytest.raises(NothingDelivered):
        drop.fetch(REQUEST)


def sftp_fetch(door: Door, connection: Connection) -> list[Delivery]:
    school = replace(door.city.schools[URN], connector="sftp")
    return connector_for(school)(school, connection, REQUEST, door.folder / "pulled")


def test_a_changed_host_key_stops_everything(door: Door, server: Server):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with pytest.raises(AccessRefused):
        sftp_fetch(door, server.connection(extra={"host_key": other}))


def test_an_unknown_host_key_is_never_trusted(door: Door, server: Server):
    with pytest.raises(AccessRefused, match="host_key"):
        sftp_fetch(door, server.connection(extra={"host_key": ""}))


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ((), "aes256-gcm@openssh.com"),
        (["chacha20-poly1305@openssh.com", "aes256-ctr"], "chacha20-poly1305@openssh.com"),
    ],
    ids=["a server with every cipher", "a server without the quick one"],
)
def test_the_quick_cipher_is_asked_for_and_not_insisted_on(door: Door, tmp_path: Path, offered: list[str], taken: str):
    server = Server(tmp_path, encryption_algs=offered)
    with pytest.raises(NothingDelivered):
        sftp_fetch(door, server.connection())
    assert server.ciphers == [taken]


def test_a_wrong_password_is_refused_and_never_shown(door: Door, server: Server):
    connection = server.connection(password="not-the-word")
    with pytest.raises(AccessRefused) as caught:
        sftp_fetch(door, connection)
    assert "not-the-word" not in str(caught.value) + repr(connection)


def test_a_server_that_is_down_is_an_outage(door: Door, server: Server):
    with pytest.raises(TransientError):
        sftp_fetch(door, server.connection(port=9))
