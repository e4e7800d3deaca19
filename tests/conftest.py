"""The tiny city: one installation for the whole session, with its story told once and what was seen written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rollcall.runtime.installation import migrate_warehouse, start_warehouse, stop
from rollcall.settings import Settings
from tests import tiny_city as tiny
from tests.aftermath import Aftermath, live_through
from tests.ports import free_ports
from tests.registers import Register, write_city
from tests.story import Story, tell_story
from tests.tiny_city import TinyCity


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in the order of what the tiny city lives through: history, three nights, what follows, one through Airflow."""
    items.sort(key=_moment)


def _moment(item: pytest.Item) -> int:
    names = getattr(item, "fixturenames", ())
    if "airflow" in item.path.parts[-2:]:
        return 3
    return 2 if "aftermath" in names else 1 if "story" in names else 0


@pytest.fixture(scope="session")
def tiny_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyCity]:
    """PostgreSQL, eleven schools and their systems, a published history to 7 July 2026."""
    with tiny.installed(tmp_path_factory.mktemp("tiny")) as city:
        yield city


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where every page's picture lies after a run, for whoever looks: ``build/pictures`` of the project."""
    folder = Path(__file__).resolve().parents[1] / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def story(tiny_city: TinyCity) -> Story:
    """Three nights with their defects, the last one twice; what was seen after each."""
    return tell_story(tiny_city)


@pytest.fixture(scope="session")
def aftermath(tiny_city: TinyCity, story: Story) -> Aftermath:
    """A release, publishes that fail and one that is watched, a full rebuild; after the three nights."""
    assert story.evenings
    return live_through(tiny_city)


@pytest.fixture(scope="session")
def empty_register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """A warehouse of its own with the schema and two schools."""
    folder = tmp_path_factory.mktemp("register")
    city = write_city(folder / "city")
    home = folder / "home"
    (port,) = free_ports(1)
    settings = Settings(
        home, folder / "city", str(home / "landing"), home / "published", home / "drop", "", port, "rollcall", 0
    )
    try:
        start_warehouse(settings)
        migrate_warehouse(settings)
        yield Register(settings, city)
    finally:
        stop(settings, purge=True)


@pytest.fixture
def register(empty_register: Register) -> Register:
    """The warehouse, emptied."""
    empty_register.clear()
    return empty_register
