"""The landing store: written once, read back by its address, in a folder or in an object store."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import fsspec
import pytest

from rollcall.connectors.connections import read_connection
from rollcall.connectors.retry import Patience, with_retries
from rollcall.errors import AccessRefused, SettingsError, TransientError, UnreadableDelivery
from rollcall.land import land, list_extracts, read_extract
from rollcall.validate import read_canonical, read_verdict, validate
from tests.deliveries import GOOD_MARKS, GOOD_PUPILS, NIGHT, URN, Door, template

FILES = template(GOOD_PUPILS, GOOD_MARKS)


def test_the_manifest_says_what_the_bytes_are(door: Door):
    extract = door.extract(FILES)
    assert {item.name: item.sha256 for item in extract.files} == {
        name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()
    }
    assert read_extract(extract.landed_uri) == extract
    assert extract.landed_uri.endswith(f"/2026-07-08/{URN}/{extract.extract_hash[:12]}")


def test_a_night_lists_its_extracts(door: Door):
    first = door.extract(FILES)
    second = door.extract(FILES | {"marks.csv": FILES["marks.csv"].replace(b'"N"', b'"I"')})
    listed = list_extracts(str(door.folder / "landing"), NIGHT.date)
    assert {item.extract_hash for item in listed} == {first.extract_hash, second.extract_hash}
    assert list_extracts(str(door.folder / "landing"), date(2026, 7, 7)) == []


def test_a_writer_that_died_leaves_no_extract(door: Door):
    """A place without a manifest is no extract, and landing again fills it."""
    extract = door.extract(FILES)
    (Path(extract.landed_uri) / "manifest.json").unlink()
    with pytest.raises(UnreadableDelivery):
        read_extract(extract.landed_uri)
    again = door.extract(FILES)
    assert (again.landed_uri, again.extract_hash) == (extract.landed_uri, extract.extract_hash)
    assert read_extract(extract.landed_uri) == again


def test_an_object_store_serves_as_well_as_a_folder(door: Door):
    local = door.extract(FILES)
    (delivery_folder,) = door.folder.glob("delivery-0")
    from rollcall.extract import Delivery

    delivery = Delivery(
        delivery_folder, "template_csv", "snapshot", "snapshot", local.scope_from, local.scope_to, True,
        local.source_time, local.source_path, local.fingerprint,
    )  # fmt: skip
    store = "memory://landing-of-the-test"
    extract = land(store, door.city.schools[URN], NIGHT, delivery)
    verdict = validate(extract, door.city, None, door.codes)
    assert list_extracts(store, NIGHT.date) == [extract]
    assert read_verdict(extract.landed_uri) == verdict == validate(local, door.city, None, door.codes)
    assert read_canonical(extract.landed_uri)[1].equals(read_canonical(local.landed_uri)[1])
    fsspec.filesystem("memory").rm("/landing-of-the-test", recursive=True)


def test_only_an_outage_is_tried_again():
    waits: list[float] = []
    answers = iter([TransientError("down"), TransientError("busy", retry_after=7), "here"])

    def call() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert with_retries(call, Patience(first_wait=2), waits.append) == "here"
    assert 1 <= waits[0] <= 2
    assert waits[1] == 7


def test_patience_ends():
    waits: list[float] = []
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise TransientError("down")

    with pytest.raises(TransientError):
        with_retries(call, Patience(attempts=50, first_wait=10, longest_wait=20, total_wait=60), waits.append)
    assert sum(waits) <= 60
    assert max(waits) <= 20
    assert len(calls) == len(waits) + 1


def test_a_refusal_is_never_tried_again():
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise AccessRefused("no")

    with pytest.raises(AccessRefused):
        with_retries(call, Patience(), lambda _: None)
    assert calls == [1]


def test_a_connection_is_read_and_its_secrets_stay_out_of_its_text(tmp_path: Path):
    path = tmp_path / "connections.json"
    entry = {
        "conn_type": "sftp",
        "host": "h",
        "port": 22,
        "login": "l",
        "password": "secret-word",
        "extra": '{"k": "hidden"}',
    }
    path.write_text(json.dumps({"one": entry, "two": {"host": "secret-word"}}))
    connection = read_connection(path, "one")
    assert (connection.password, connection.extra, connection.port) == ("secret-word", {"k": "hidden"}, 22)
    assert "secret-word" not in repr(connection)
    assert "hidden" not in repr(connection)
    for missing in ("two", "three"):
        with pytest.raises(SettingsError) as caught:
            read_connection(path, missing)
        assert "secret-word" not in str(caught.value)
