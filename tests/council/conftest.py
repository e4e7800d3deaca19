"""A council beside an empty register of two schools; every feed is agreed and due each day."""

from __future__ import annotations

import shutil

import pytest

from rollcall.council import FEEDS
from tests.council_drop import Council
from tests.registers import Register


@pytest.fixture
def council(register: Register, monkeypatch: pytest.MonkeyPatch) -> Council:
    settings = register.settings
    shutil.rmtree(settings.drop, ignore_errors=True)
    shutil.rmtree(settings.landing, ignore_errors=True)
    agreed = "feed,every_days,owner\n" + "".join(f"{name},1,the {name} team\n" for name in FEEDS)
    (settings.city_folder / "feeds.csv").write_text(agreed)
    for name, value in register.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ROLLCALL_SECRETS", raising=False)
    return Council(register)
