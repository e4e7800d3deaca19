"""A council's own server may be older than the one that the wheel brings: the same history, the same marts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rollcall.warehouse import cluster
from tests import tiny_city as tiny
from tests.tiny_city import NIGHTS, TinyCity

DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
"""The servers that Debian has installed here: version 15 on Debian 12."""


@pytest.fixture(scope="module")
def older_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyCity]:
    """The tiny city once more, on the oldest server that is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "wheel_binaries", lambda: DEBIANS[0])
        with tiny.installed(tmp_path_factory.mktemp("older")) as city:
            yield city


def test_an_older_server_gives_the_same_marts(tiny_city: TinyCity, older_city: TinyCity):
    newest, older = (city.value("show server_version_num") for city in (tiny_city, older_city))
    assert 150_000 <= int(older) < 180_000 <= int(newest)
    expected = tiny_city.mart_hashes()
    assert len(expected) > 50
    assert older_city.mart_hashes() == expected


def test_an_older_server_takes_a_night_and_can_be_asked_what_it_knew(older_city: TinyCity):
    older_city.evening(NIGHTS[0])
    summary = older_city.run_night(NIGHTS[0])
    assert (summary.held, summary.failed) == (0, 0)
    assert summary.marks_new > 0
    assert older_city.value("select max(night) from ops.publication where is_current") == NIGHTS[0]
    assert older_city.value("select max(session_date) from serve.fct_sessions") == NIGHTS[0] > date(2026, 7, 7)
