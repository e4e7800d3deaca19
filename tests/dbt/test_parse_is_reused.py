"""The parsed project of one night serves the next: nothing that dbt parses depends on the night, anything else counts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from rollcall.city import load_city
from rollcall.extract import Night
from rollcall.model import parsed_meanwhile
from rollcall.model.dbt import PROJECT, project_fingerprint
from rollcall.model.parsed import fingerprint, parsed_before
from rollcall.runtime.secrets import ensure_secrets
from rollcall.settings import PROJECT_ROOT, load_settings
from tests.story import Story
from tests.tiny_city import TinyCity

ENVIRONMENT: Final = {
    "ROLLCALL_PG_HOST": "127.0.0.1", "ROLLCALL_PG_PORT": "1", "ROLLCALL_PG_DATABASE": "rollcall",
    "DBT_ENV_SECRET_PG_PASSWORD": "none", "DO_NOT_TRACK": "1",
}  # fmt: skip
NIGHTS: Final = (
    {"as_at": "2025-11-03", "known_at": "2025-11-03T19:30:00+00:00"},
    {"as_at": "2026-07-10", "known_at": "infinity"},
)


def parse(night: dict[str, str], folder: Path) -> dict[str, Any]:
    """What dbt parses for a night: every node, macro and source, without the moment of parsing."""
    command = [sys.executable, "-m", "dbt.cli.main", "parse", "--no-partial-parse", "--vars", json.dumps(night)]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command += ["--target-path", str(folder), "--log-path", str(folder)]
    subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, check=True)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    parts = ("nodes", "sources", "macros", "unit_tests", "parent_map")
    return {name: without_moment(manifest[name]) for name in parts}


def without_moment(value: Any) -> Any:
    """The same without the moment of parsing; dbt names the sources of a model in any order, so lists are put in one."""
    if isinstance(value, dict):
        return {name: without_moment(part) for name, part in value.items() if name != "created_at"}
    return sorted((without_moment(part) for part in value), key=repr) if isinstance(value, list) else value


def test_nothing_that_is_parsed_depends_on_the_night(tmp_path: Path):
    first, second = (parse(night, tmp_path / str(number)) for number, night in enumerate(NIGHTS))
    assert len(first["nodes"]) > 50
    assert first == second


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("models", "macros", "seeds", "tests"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    for path in PROJECT.glob("*.yml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_another_night_is_the_same_parse(project: Path):
    first, second = (fingerprint(project, {"min_coverage_pct": 80} | night, ENVIRONMENT) for night in NIGHTS)
    assert first == second


@pytest.mark.parametrize("name", ["models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml"])
def test_a_changed_file_is_another_parse(project: Path, name: str):
    before = fingerprint(project, NIGHTS[0], ENVIRONMENT)
    place = project / name
    file = place if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())[0]
    file.write_bytes(file.read_bytes() + b"\n")
    assert fingerprint(project, NIGHTS[0], ENVIRONMENT) != before


@pytest.mark.parametrize(
    ("variables", "environment"),
    [({"min_coverage_pct": 81}, {}), ({"schema_suffix": "_aside"}, {}), ({}, {"ROLLCALL_PG_DATABASE": "other"})],
)
def test_another_policy_or_place_is_another_parse(variables: dict[str, object], environment: dict[str, str]):
    usual: dict[str, object] = {"min_coverage_pct": 80}
    before = fingerprint(PROJECT, usual, ENVIRONMENT)
    assert fingerprint(PROJECT, usual | variables, ENVIRONMENT | environment) != before


def test_what_is_parsed_while_a_history_is_loaded_serves_the_night_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    monkeypatch.setenv("ROLLCALL_CITY", str(PROJECT_ROOT / "simulator/city"))
    settings = load_settings()
    ensure_secrets(settings)
    city = load_city(settings.city_folder)
    history, night = (
        Night(moment.date(), moment) for moment in (datetime(2026, 7, day, 19, tzinfo=UTC) for day in (7, 8))
    )
    target = tmp_path / "dbt" / "target"
    asked_for = project_fingerprint(settings, city, night)
    assert parsed_before(target, asked_for) is None
    with parsed_meanwhile(settings, city, history):
        pass
    parsed = parsed_before(target, asked_for)
    assert parsed is not None
    assert len(parsed.nodes) > 50


def test_a_night_of_the_same_parse_writes_its_results_and_leaves_the_manifest(tiny_city: TinyCity, story: Story):
    target = tiny_city.settings.home / "dbt" / "target"
    manifest, results = (
        json.loads((target / f"{name}.json").read_text("utf-8")) for name in ("manifest", "run_results")
    )
    assert results["metadata"]["generated_at"] > manifest["metadata"]["generated_at"]
    assert results["metadata"]["invocation_id"] != manifest["metadata"]["invocation_id"]
    built = {item["unique_id"] for item in results["results"]}
    assert len(built) > 200
    assert built <= set(manifest["nodes"])
