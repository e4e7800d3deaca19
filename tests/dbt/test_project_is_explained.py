"""House rules over the whole dbt project, read from dbt's own manifest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final = ROOT / "dbt_project"
LAYERS: Final = ("staging", "intermediate", "marts", "reports")
PUBLISHED: Final = ("marts", "reports")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Parse the project with every warning an error; no database is asked."""
    target = tmp_path_factory.mktemp("dbt")
    command = [sys.executable, "-m", "dbt.cli.main", "parse", "--no-partial-parse", "--show-all-deprecations"]
    command += ["--warn-error", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command += ["--target-path", str(target), "--log-path", str(target)]
    environment = {**os.environ, "DBT_ENV_SECRET_PG_PASSWORD": "not-used", "DO_NOT_TRACK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    parsed: dict[str, Any] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


def layer_of(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def test_the_marts_that_are_promised_exist(models: dict[str, dict[str, Any]]) -> None:
    published = {name for name, node in models.items() if layer_of(node) in PUBLISHED}
    assert published == {
        "dim_schools", "dim_pupils", "dim_enrolments", "dim_dates", "dim_sessions", "dim_attendance_codes",
        "dim_dfe_benchmarks",
        "dim_dfe_code_shares", "fct_enrolment_absence", "fct_child_absence", "fct_cme_candidates", "fct_data_quality",
        "agg_school_absence", "agg_phase_absence", "agg_city_absence", "agg_code_shares", "rpt_persistent_absentees",
        "rpt_severe_absentees", "rpt_bridge", "dim_measures", "agg_area_absence", "agg_group_absence",
        "fct_enrolment_codes", "fct_sessions_to_threshold", "fct_calendar_questions", "fct_settlement", "rpt_movers",
        "fct_school_days",
        "fct_penalty_threshold", "fct_continuous_absence", "fct_sickness_returns", "fct_unexplained_overdue",
        "fct_register_amendments", "agg_register_amendments", "fct_absence_spells", "fct_absence_patterns",
        "agg_school_patterns", "fct_early_signal",
        "fct_cme_cases", "fct_without_school_place", "fct_home_education", "fct_on_roll_not_attending",
        "agg_missing_education", "fct_return_timeliness", "fct_part_time", "fct_leave_ended", "fct_plan_sheet",
        "rpt_virtual_school", "rpt_two_rolls", "rpt_arrived_without_departure", "fct_penalty_notices",
        "fct_since_intervention", "rpt_dfe_cme_collection", "rpt_dfe_cme_gaps",
        "rpt_beside_published", "fct_meeting_actions", "fct_support_meetings",
    }  # fmt: skip


def test_every_model_and_column_has_a_description(models: dict[str, dict[str, Any]]) -> None:
    silent = [name for name, node in models.items() if not node["description"] or not node["columns"]]
    silent += [
        f"{name}.{column}"
        for name, node in models.items()
        for column, facts in node["columns"].items()
        if not facts["description"].strip()
    ]
    assert silent == []


def test_every_description_of_a_model_states_its_grain(models: dict[str, dict[str, Any]]) -> None:
    vague = [name for name, node in models.items() if not node["description"].startswith("One row")]
    assert vague == [], "say in the first words what one row is"


def test_every_model_opens_with_its_grain(models: dict[str, dict[str, Any]]) -> None:
    vague = [name for name, node in models.items() if not node["raw_code"].startswith("-- One row")]
    assert vague == []


def test_every_published_table_has_an_enforced_contract(models: dict[str, dict[str, Any]]) -> None:
    published = {name: node for name, node in models.items() if layer_of(node) in PUBLISHED}
    loose = [name for name, node in published.items() if not node["config"]["contract"]["enforced"]]
    loose += [name for name, node in published.items() if node["config"]["materialized"] != "table"]
    assert loose == []


def test_only_staging_reads_sources_and_each_source_has_one_model(models: dict[str, dict[str, Any]]) -> None:
    readers: dict[str, list[str]] = {}
    for name, node in models.items():
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source."):
                assert layer_of(node) == "staging", f"{name}: read staging instead of {parent}"
                readers.setdefault(parent, []).append(name)
    assert readers
    assert {source: names for source, names in readers.items() if len(names) != 1} == {}


def test_references_point_leftwards(models: dict[str, dict[str, Any]]) -> None:
    by_id = {node["unique_id"]: node for node in models.values()}
    backwards = [
        f"{name} -> {by_id[parent]['name']}"
        for name, node in models.items()
        for parent in node["depends_on"]["nodes"]
        if parent in by_id and LAYERS.index(layer_of(by_id[parent])) > LAYERS.index(layer_of(node))
    ]
    assert backwards == []


def test_every_singular_test_says_what_why_and_what_to_do(manifest: dict[str, Any]) -> None:
    singular = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "test" and "test_metadata" not in node
    ]
    assert len(singular) >= 10
    words = ("-- Claim:", "-- Matters:", "-- Remedy:")
    assert [node["name"] for node in singular if not all(word in node["raw_code"] for word in words)] == []


def test_files_stay_short() -> None:
    """A model that needs more than 150 lines wants to be two."""
    long = [path.name for path in PROJECT.rglob("*.sql") if len(path.read_text("utf-8").splitlines()) > 150]
    assert long == []


def test_every_page_and_dashboard_is_an_exposure_of_the_marts_that_it_reads() -> None:
    from scripts import exposures

    assert exposures.FILE.read_text(encoding="utf-8") == exposures.text()
    assert all(exposure["depends_on"] for exposure in exposures.exposures())
    assert len(exposures.exposures()) >= 9
