"""dbt's page of models and columns is made again where its project changed or dbt failed, and on no other night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rollcall.city import City, load_city
from rollcall.model import documents, write_lineage
from rollcall.settings import PROJECT_ROOT, Settings, load_settings
from tests.tiny_city import night_of

FIRST, SECOND = night_of(date(2026, 7, 8)), night_of(date(2026, 7, 9))


class Dbt:
    """In dbt's place: writes a page that says which run made it."""

    def __init__(self) -> None:
        self.runs = 0
        self.code = 0
        self.writes = True

    def __call__(self, settings: Settings, *_: Any) -> int:
        """Run dbt once; returns its exit code."""
        self.runs += 1
        page = settings.home / "dbt" / "target" / "static_index.html"
        assert not page.exists()
        if self.writes:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"run {self.runs}")
        return self.code


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> Dbt:
    stand_in = Dbt()
    monkeypatch.setattr(documents, "invoke", stand_in)
    return stand_in


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pg_transform").write_text("none")
    return load_settings()


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(PROJECT_ROOT / "simulator" / "city")


def text(page: Path | None) -> str:
    assert page is not None
    return page.read_text()


def test_another_night_of_the_same_project_keeps_the_page(settings: Settings, city: City, dbt: Dbt):
    assert text(write_lineage(settings, city, FIRST)) == "run 1"
    assert text(write_lineage(settings, city, SECOND)) == "run 1"
    assert dbt.runs == 1


def test_another_policy_or_a_lost_page_makes_it_anew(settings: Settings, city: City, dbt: Dbt):
    page = write_lineage(settings, city, FIRST)
    name = next(name for name, item in city.thresholds.items() if isinstance(item["value"], int))
    other = replace(city, thresholds={**city.thresholds, name: {**city.thresholds[name], "value": 999_999}})
    assert text(write_lineage(settings, other, FIRST)) == "run 2"
    assert page is not None
    page.unlink()
    assert text(write_lineage(settings, other, SECOND)) == "run 3"


def test_a_page_that_dbt_could_not_finish_is_not_kept(settings: Settings, city: City, dbt: Dbt):
    dbt.code = 1
    assert text(write_lineage(settings, city, FIRST)) == "run 1"
    dbt.writes = False
    assert write_lineage(settings, city, SECOND) is None
    dbt.code, dbt.writes = 0, True
    assert text(write_lineage(settings, city, SECOND)) == "run 3"
    assert text(write_lineage(settings, city, SECOND)) == "run 3"
