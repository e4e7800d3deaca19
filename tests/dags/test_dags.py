"""The DAGs as Airflow sees them: what is there, what every one of them keeps to, and how light their files are."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rollcall.settings import PROJECT_ROOT

DAGS = PROJECT_ROOT / "dags"
EXPECTED = {"nightly_registers", "build_marts", "publish_reports", "housekeeping"}
FILES = sorted(DAGS.glob("*.py"))
HEAVY = ("great_expectations", "pandas", "dbt", "pyarrow", "psycopg", "numpy", "matplotlib", "asyncssh", "simulator")


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow-home")


def environment(home: Path, city: Path = PROJECT_ROOT / "city") -> dict[str, str]:
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
        "ROLLCALL_CITY": str(city),
    }


def in_python(home: Path, code: str, city: Path = PROJECT_ROOT / "city") -> Any:
    """What a fresh interpreter prints as JSON on its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home, city), capture_output=True, text=True, check=False, cwd=home
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


_BAG = f"""
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(DAGS)!r})
seconds = {{item.file: item.duration.total_seconds() for item in bag.dagbag_stats}}
print(json.dumps({{
    "errors": {{key: str(value) for key, value in bag.import_errors.items()}},
    "seconds": seconds,
    "dags": {{dag_id: {{
        "tags": sorted(dag.tags), "max_active_runs": dag.max_active_runs, "catchup": dag.catchup,
        "doc": dag.doc_md or "", "file": dag.fileloc.rsplit("/", 1)[-1],
        "schedule": type(dag.timetable).__name__,
        "tasks": {{task.task_id: {{
            "retries": task.retries, "owner": task.owner, "upstream": sorted(task.upstream_task_ids),
            "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
            "has_policy": getattr(task, "retry_policy", None) is not None,
            "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        }} for task in dag.tasks}},
    }} for dag_id, dag in bag.dags.items()}},
}}))
"""


@pytest.fixture(scope="session")
def bag(airflow_home: Path) -> dict[str, Any]:
    found: dict[str, Any] = in_python(airflow_home, _BAG)
    return found


def test_the_dags_are_exactly_those_of_the_path(bag: dict[str, Any]):
    assert set(bag["dags"]) == EXPECTED


def test_no_dag_file_fails_to_import(bag: dict[str, Any]):
    assert bag["errors"] == {}
    assert len(bag["seconds"]) == len(FILES) == len(EXPECTED)


def test_each_file_is_named_for_its_dag(bag: dict[str, Any]):
    assert {dag_id: dag["file"] for dag_id, dag in bag["dags"].items()} == {name: f"{name}.py" for name in EXPECTED}


def test_every_dag_file_is_parsed_in_a_moment(bag: dict[str, Any]):
    assert max(bag["seconds"].values()) < 5


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_a_dag_has_one_stage_one_run_at_a_time_and_a_page_for_the_person_on_duty(bag: dict[str, Any], dag_id: str):
    dag = bag["dags"][dag_id]
    assert [tag.split(":")[0] for tag in dag["tags"]] == ["stage"]
    assert (dag["max_active_runs"], dag["catchup"]) == (1, False)
    assert dag["doc"].lstrip().startswith("# ")
    assert "**When**" in dag["doc"]
    assert "**After a failure**" in dag["doc"] or "**When a school fails**" in dag["doc"] or "fail" in dag["doc"]


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_every_task_has_an_owner_a_limit_and_retries_for_outages_only(bag: dict[str, Any], dag_id: str):
    for task in bag["dags"][dag_id]["tasks"].values():
        assert task["owner"] == "attendance-data"
        assert 0 < task["timeout"] <= timedelta(hours=2).total_seconds()
        assert task["retries"] == (0 if dag_id == "housekeeping" else 2)
        assert task["has_policy"]


def test_the_tasks_of_a_night_follow_the_path(bag: dict[str, Any]):
    nightly, build = bag["dags"]["nightly_registers"]["tasks"], bag["dags"]["build_marts"]["tasks"]
    assert nightly["collect"]["upstream"] == ["schools_to_ask"]
    assert nightly["validate_and_load"]["upstream"] == ["choose_night", "collect", "council_feeds"]
    assert nightly["council_feeds"]["upstream"] == ["choose_night"]
    assert build["publish"]["upstream"] == ["audit", "build"]


def test_nothing_but_the_published_marts_keeps_the_page_waiting_and_nobody_waits_for_its_pdf(bag: dict[str, Any]):
    upstream = {name: task["upstream"] for name, task in bag["dags"]["publish_reports"]["tasks"].items()}
    assert upstream.pop("packs") == ["city_report", "tell"]
    assert upstream == {
        "city_report": [],
        "paper": ["city_report"],
        "tell": ["city_report"],
        "data_docs": [],
        "catalogue": ["data_docs"],
    }


def test_one_schools_failure_does_not_keep_the_others_from_being_loaded(bag: dict[str, Any]):
    assert bag["dags"]["nightly_registers"]["tasks"]["validate_and_load"]["rule"] == "all_done"


def test_only_the_first_dag_and_the_check_run_by_the_clock(bag: dict[str, Any]):
    kinds = {dag_id: dag["schedule"] for dag_id, dag in bag["dags"].items()}
    assert kinds["build_marts"] == kinds["publish_reports"] == "AssetTriggeredTimetable"
    assert "Cron" in kinds["nightly_registers"]
    assert "Cron" in kinds["housekeeping"]


def test_nothing_of_a_synthetic_city_runs_by_the_clock(airflow_home: Path):
    found = in_python(airflow_home, _BAG, PROJECT_ROOT / "simulator" / "city")
    kinds = {dag["schedule"] for dag in found["dags"].values()}
    assert kinds == {"AssetTriggeredTimetable", "NullTimetable"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_brings_in_nothing_heavy(path: Path, airflow_home: Path):
    # what airflow.sdk itself brings in is not the file's fault: only what comes on top counts
    code = (
        "import json, runpy, sys, airflow.sdk; before = set(sys.modules);"
        f"runpy.run_path({str(path)!r}); print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = {name.split(".")[0] for name in in_python(airflow_home, code)}
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_knows_nothing_of_sql_files_or_credentials(path: Path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    tops = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    roots = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in tops}
    assert {root.split(".")[0] for root in roots} <= {"airflow", "datetime", "orchestration"}
    words = [
        node.value.lower() for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str
    ]
    assert [word for word in words if word.startswith(("select ", "insert ", "update ", "delete ", "/"))] == []
    assert not any(name in text for name in ("Variable.get", "os.environ", "password", "open("))
    assert len(text.splitlines()) < 100


def test_airflow_skips_the_library_when_it_looks_for_plugins():
    ignored = (PROJECT_ROOT / "plugins" / ".airflowignore").read_text(encoding="utf-8").split()
    assert ignored != []


def test_imports_run_one_way_and_the_library_knows_nothing_of_airflow(tmp_path: Path):
    binary = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(binary), "--config", str(PROJECT_ROOT / ".importlinter"), "--cache-dir", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins")},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout
