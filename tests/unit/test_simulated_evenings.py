"""An evening on which the synthetic city has no marks is refused before anything is dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rollcall.cli.simulated import evening
from rollcall.errors import SettingsError
from rollcall.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings(), home=tmp_path, drop=tmp_path / "drop")


def test_without_a_city_the_first_step_is_named(settings: Settings):
    with pytest.raises(SettingsError, match="no synthetic city here yet") as refused:
        evening(settings, date(2026, 7, 8))
    assert "rollcall simulate" in refused.value.next_action


@pytest.mark.parametrize("day", [date(2025, 8, 31), date(2026, 7, 11), date(2026, 7, 13)])
def test_outside_its_year_an_evening_is_refused_and_nothing_dropped(settings: Settings, day: date):
    (settings.home / "truth").mkdir()
    story = {"first_day": "2025-09-01", "last_day": "2026-07-10"}
    (settings.home / "truth" / "scenario.json").write_text(json.dumps(story))
    with pytest.raises(SettingsError, match=f"no evening of {day}") as refused:
        evening(settings, day)
    assert "2026-07-10" in refused.value.next_action
    assert sorted(path.name for path in settings.home.iterdir()) == ["truth"]
