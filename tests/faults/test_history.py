"""A year's history that cannot be landed leaves the year empty and its key in place: it can be loaded once mended."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import pytest

from rollcall import nightly
from rollcall.errors import HostileDelivery
from rollcall.extract import Night
from tests.registers import ELM, OAK, Register

NIGHT = Night(date(2026, 7, 7), datetime(2026, 7, 7, 20, tzinfo=UTC))
KEY = "select count(*) from pg_indexes where schemaname = 'register' and indexname = 'mark_2025_current_key'"


@pytest.fixture
def history(register: Register, monkeypatch: pytest.MonkeyPatch) -> Register:
    for name, value in register.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ROLLCALL_SECRETS", raising=False)
    return register


@pytest.mark.parametrize("urn", [ELM, OAK])
def test_a_hostile_history_is_refused_before_anything_is_loaded(history: Register, urn: int):
    for school in (ELM, OAK):
        place = history.settings.home / "history" / str(school) / "year"
        place.mkdir(parents=True, exist_ok=True)
        for name in ("pupils.csv", "marks.csv"):
            (place / name).write_text("pupil_id\n")
            os.utime(place / name, (NIGHT.known_at.timestamp() - 3600,) * 2)
    link = history.settings.home / "history" / str(urn) / "linked"
    link.symlink_to("/etc")
    try:
        with pytest.raises(HostileDelivery):
            nightly.load_history(NIGHT, workers=1)
    finally:
        link.unlink()
    assert history.rows(KEY) == [(1,)]
    assert history.rows("select count(*) from register.mark") == [(0,)]
    assert history.rows("select count(*) from register.extract") == [(0,)]
