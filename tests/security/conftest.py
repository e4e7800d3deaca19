"""A door per test: its own tiny city and landing store."""

from pathlib import Path

import pytest

from tests.deliveries import Door, open_door


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return open_door(tmp_path)
