"""The city folder: what it says of schools and days, and that a fault in it is named by file and line."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rollcall.city import City, is_synthetic, load_city
from rollcall.errors import SettingsError
from rollcall.settings import PROJECT_ROOT, load_settings
from tests.deliveries import CALENDAR, SCHOOLS, SETTINGS

FOLDERS = (PROJECT_ROOT / "city", PROJECT_ROOT / "simulator" / "city")
Reader = Callable[..., City]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Read a small city folder, but for these files."""

    def write(**changes: str | None) -> City:
        texts: dict[str, str | None] = {"schools": SCHOOLS, "calendar": CALENDAR, "settings": SETTINGS}
        for name, text in (texts | changes).items():
            path = tmp_path / (f"{name}.yml" if name == "settings" else f"{name}.csv")
            if text is not None:
                path.write_text(text, encoding="utf-8")
        return load_city(tmp_path)

    return write


def test_schools_are_read_with_their_connection(read: Reader):
    school = read().schools[900002]
    assert (school.label, school.phase, school.connector) == ("Oak Tree School (900002)", "primary", "wonde")
    assert school.connector_settings == {"school_id": "A900002"}


def test_a_school_without_a_connector_is_known_but_not_asked(read: Reader):
    city = read(schools=SCHOOLS.replace("primary,,E1,Elm,wonde,", "primary,,E1,Elm,,"))
    assert [school.urn for school in city.connected_schools()] == [900001]
    assert set(city.schools) == {900001, 900002}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schools": SCHOOLS.replace("900002,8319002", "90000x,8319002")}, "schools.csv line 3"),
        (
            {"schools": SCHOOLS.replace("b,primary,,E1,Elm,wonde", "b,college,,E1,Elm,wonde")},
            "schools.csv line 3: phase",
        ),
        ({"schools": SCHOOLS.replace("wonde,wonde", "carrier pigeon,wonde")}, "carrier pigeon"),
        ({"schools": SCHOOLS.replace("900002,8319002", "900001,8319002")}, "names a URN twice"),
        ({"schools": SCHOOLS.replace("urn,", "number,", 1)}, "schools.csv line 2"),
        ({"calendar": CALENDAR.replace("2026-07-21", "21/07/2026")}, "calendar.csv line 2"),
        ({"settings": None}, "no settings.yml"),
        ({"calendar": None}, "no calendar.csv"),
        ({"settings": SETTINGS.replace("last_day: 2026-07-31", "last_day: 2025-07-31")}, "no valid first and last day"),
    ],
)
def test_a_fault_names_the_file_and_the_line(read: Reader, change: dict[str, str | None], words: str):
    with pytest.raises(SettingsError, match="RC100") as caught:
        read(**change)
    assert words in str(caught.value)


def test_a_threshold_that_is_not_set_is_named(read: Reader):
    with pytest.raises(SettingsError, match="breaker_pupils_pct"):
        read().threshold("breaker_pupils_pct")


def test_school_days_are_weekdays_of_the_terms_less_every_closure(read: Reader):
    closed = "*,2025/26,closed,Holiday,2026-06-03,2026-06-03,declared,test\n"
    own = "900001,2025/26,closed,INSET,2026-06-04,2026-06-05,declared,test\n"
    city = read(calendar=CALENDAR + closed + own)
    first_week = [day.day for day in city.school_days(900001) if day <= date(2026, 6, 7)]
    assert first_week == [1, 2]
    assert [day.day for day in city.school_days(900002) if day <= date(2026, 6, 7)] == [1, 2, 4, 5]
    assert all(day.weekday() < 5 for day in city.school_days(900002))


def test_a_schools_own_terms_replace_the_citys(read: Reader):
    own = "900001,2025/26,term,summer,2026-07-06,2026-07-08,declared,test\n"
    city = read(calendar=CALENDAR + own)
    assert [day.day for day in city.school_days(900001)] == [6, 7, 8]
    assert len(city.school_days(900002)) > 30


def test_a_day_outside_every_academic_year_is_refused(read: Reader):
    with pytest.raises(SettingsError, match="2024-01-01"):
        read().academic_year_of(date(2024, 1, 1))


def test_a_folder_is_read_once_until_a_file_of_it_changes(read: Reader, monkeypatch: pytest.MonkeyPatch):
    known = read()
    with monkeypatch.context() as patch:
        patch.setattr("rollcall.city.csv.DictReader", None)
        assert load_city(known.folder) is known
    moved = CALENDAR.replace("2026-07-21", "2026-07-20")
    for name, old, new in (
        ("schools.csv", SCHOOLS, SCHOOLS.replace("Oak", "Ash")),
        ("calendar.csv", CALENDAR, moved),
        ("settings.yml", SETTINGS, SETTINGS.replace("is_synthetic: true", "is_synthetic: null")),
    ):
        assert len(old) == len(new), "a file of the same length must be read again all the same"
        before = load_city(known.folder)
        aside = known.folder / f".{name}"
        aside.write_text(new, encoding="utf-8")
        os.utime(aside, ns=(0, (known.folder / name).stat().st_mtime_ns))
        aside.replace(known.folder / name)
        assert load_city(known.folder) != before
    after = load_city(known.folder)
    assert (after.schools[900002].name, max(after.school_days(900001))) == ("Ash Tree School", date(2026, 7, 20))
    assert (after.is_synthetic, is_synthetic(known.folder)) == (False, False)
    (known.folder / "settings.yml").unlink()
    with pytest.raises(SettingsError, match=r"no settings\.yml"):
        is_synthetic(known.folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=("real", "demo"))
def test_the_folders_of_the_project_are_whole(folder: Path):
    city = load_city(folder)
    assert len(city.schools) > 100
    assert all(isinstance(setting["value"], int | str) and setting["source"] for setting in city.thresholds.values())
    kinds = {period.period_type for period in city.periods}
    assert {"year", "term", "half_term"} <= kinds
    open_on = [urn for urn in city.schools if date(2026, 6, 10) in city.school_days(urn)]
    assert len(open_on) > 0.9 * len(city.schools)


def test_both_folders_set_the_same_thresholds():
    real, demo = (load_city(folder) for folder in FOLDERS)
    assert set(real.thresholds) == set(demo.thresholds)


def test_settings_come_from_the_environment_and_have_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in (
        "CITY",
        "LANDING",
        "PUBLISHED",
        "DROP",
        "PG_HOST",
        "PG_PORT",
        "AIRFLOW_PORT",
        "SECRETS",
        "CONNECTIONS",
    ):
        monkeypatch.delenv(f"ROLLCALL_{name}", raising=False)
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    monkeypatch.setenv("ROLLCALL_PG_PORT", "5999")
    found = load_settings()
    assert (found.home, found.warehouse_port, found.warehouse_host) == (tmp_path.resolve(), 5999, "")
    assert found.city_folder == PROJECT_ROOT / "city"
    assert found.secrets == tmp_path.resolve() / "secrets"
    assert found.published == tmp_path.resolve() / "published"


def test_a_secret_that_is_not_there_is_named_and_not_made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("ROLLCALL_SECRETS", raising=False)
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match="pg_loader"):
        load_settings().dsn("loader")


def test_a_password_with_signs_is_quoted_in_the_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("ROLLCALL_SECRETS", raising=False)
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pg_loader").write_text("a/b@c:d\n", encoding="utf-8")
    assert "rollcall_loader:a%2Fb%40c%3Ad@127.0.0.1" in load_settings().dsn("loader")
