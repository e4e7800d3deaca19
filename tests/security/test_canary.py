"""No child of the city appears by name or UPN outside the landing store, the schools' own files and ``identity``."""

from __future__ import annotations

import stat
from pathlib import Path

import pandas as pd
import pytest

from rollcall.settings import PROJECT_ROOT
from tests.story import Story
from tests.tiny_city import BAD_ROWS, HALF_GONE, SILENT, TinyCity

TEXT_TYPES = "('text', 'character varying', 'jsonb', 'json')"
WORDS_THAT_ARE_NOT_NAMES = 8


@pytest.fixture(scope="session")
def canaries(tiny_city: TinyCity, story: Story) -> list[str]:
    """UPNs, own keys and whole names of the children of three schools, the spoilt ones first."""
    assert story.evenings
    pupils = tiny_city.truth.pupils
    pupils = pupils[pupils["urn"].isin([BAD_ROWS, HALF_GONE, SILENT])]
    names = [f"{row.forename} {row.surname}" for row in pupils.itertuples()]
    keys = [*pupils["pupil_id"], *pupils["upn"].dropna()]
    found = [text for text in [*keys, *names] if len(str(text)) > WORDS_THAT_ARE_NOT_NAMES]
    assert len(found) > 500
    return found


def hits(text: str, canaries: list[str]) -> list[str]:
    return [canary for canary in canaries if canary in text]


def test_the_canaries_are_where_names_belong(tiny_city: TinyCity, canaries: list[str]):
    rows = tiny_city.rows("select source_pupil_id, upn, forename || ' ' || surname from identity.pupil")
    known = {text for row in rows for text in row}
    assert len(known.intersection(canaries)) > 0.95 * len(canaries)


def test_no_file_that_people_or_operators_open_names_a_child(tiny_city: TinyCity, canaries: list[str]):
    home = tiny_city.settings.home
    places = [home / "dbt", home / "dbt_as_known", home / "published", home / "run", home / "secrets"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    files += [path for path in (home / "landing").rglob("*.json") if path.parent.name not in ("raw", "canonical")]
    assert len(files) > 100
    assert any(path.name == "dbt.log" for path in files)
    assert any(path.name == "city-report.html" for path in files)
    named = {path.name: hits(path.read_bytes().decode("utf-8", "replace"), canaries)[:1] for path in files}
    assert [name for name, found in named.items() if found] == []


def test_the_servers_own_log_names_no_child(tiny_city: TinyCity, canaries: list[str]):
    log = tiny_city.value("select pg_read_file(current_setting('data_directory') || '/server.log')")
    assert "rollcall" in log
    assert hits(log, canaries) == []


def test_no_cell_outside_identity_names_a_child(tiny_city: TinyCity, canaries: list[str]):
    columns = tiny_city.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('city', 'register', 'ops', 'marts', 'reports', 'intermediate', 'reference')"
        f" and data_type in {TEXT_TYPES} and table_name not like 'mark_2%%'"
    )
    assert {"ops", "register", "marts"} <= {schema for schema, *_ in columns}
    leaks = []
    for schema, table, column in columns:
        distinct = f'select string_agg(distinct "{column}"::text, chr(10)) from "{schema}"."{table}"'
        if hits(tiny_city.value(distinct) or "", canaries):
            leaks.append(f"{schema}.{table}.{column}")
    assert leaks == []


def test_the_published_marts_have_no_column_for_a_name_a_upn_or_a_birth_date(tiny_city: TinyCity, story: Story):
    assert story.evenings
    columns = tiny_city.rows(
        "select table_name, column_name from information_schema.columns where table_schema in ('marts', 'reports')"
    )
    assert len(columns) > 100
    private = ("surname", "forename", "upn", "date_of_birth", "postcode", "source_pupil_id")
    assert [row for row in columns if any(word in row[1] for word in private)] == []


def test_every_secret_is_readable_by_its_owner_only(tiny_city: TinyCity):
    folder = tiny_city.settings.secrets
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 10
    open_to_others = [path.name for path in [folder, *files] if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []


def test_no_secret_stands_in_a_log_or_in_dbts_files(tiny_city: TinyCity, story: Story):
    assert story.evenings
    home = tiny_city.settings.home
    secrets = [path.read_text().strip() for path in (home / "secrets").glob("pg_*")]
    assert len(secrets) >= 6
    files = [path for place in ("dbt", "run", "published") for path in (home / place).rglob("*") if path.is_file()]
    found = [path.name for path in files if hits(path.read_bytes().decode("utf-8", "replace"), secrets)]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.in"])
def test_the_list_of_packages_names_no_host_and_pins_every_package(name: str):
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


def test_every_locked_package_has_a_version_and_a_hash():
    lines = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", " "))]
    assert len(packages) > 150
    assert [line.split()[0] for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_no_real_school_stands_in_the_synthetic_city():
    synthetic = pd.read_csv(PROJECT_ROOT / "simulator" / "city" / "schools.csv", dtype=str)
    real = pd.read_csv(PROJECT_ROOT / "city" / "schools.csv", dtype=str)
    assert set(synthetic["urn"]).isdisjoint(real["urn"])
    assert set(synthetic["name"]).isdisjoint(real["name"])


def test_nothing_private_lies_in_the_project_folder():
    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert ".rollcall/" in ignored or ".rollcall" in ignored
    assert [path for path in Path(PROJECT_ROOT).glob("*.key")] == []
