"""A tiny city: six schools, three weeks of September."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.truth.build import build_truth
from simulator.truth.store import Truth

LAST_DAY = "2025-09-26"


@pytest.fixture(scope="session")
def tiny_truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Truth]:
    folder = tmp_path_factory.mktemp("truth")
    build_truth(folder, limit=6, last_day=LAST_DAY)
    yield Truth(folder)


@pytest.fixture(scope="session")
def year_truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year")
    build_truth(folder, limit=6)
    return folder
