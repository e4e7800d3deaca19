"""Airflow's processes of one machine are forked from one, and each is as if it had been started alone; tasks likewise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from rollcall.runtime.processes import Service
from rollcall.runtime.services import PRELOADED
from rollcall.settings import PROJECT_ROOT

STANDS = """
import gc, json, os, sys
from pathlib import Path
import multiprocessing.spawn as spawn
print("a line of the log", flush=True)
said = {
    "pid": os.getpid(), "session": os.getsid(0), "arguments": sys.argv, "garbage": gc.isenabled(),
    "main": spawn.get_preparation_data("x").get("init_main_from_path"), "title": Path("/proc/self/cmdline").read_text(),
    "path": sys.path, "is_ready": "airflow.models.dag" in sys.modules,
}
file = Path(sys.argv[1])
file.with_suffix(".part").write_text(json.dumps(said))
file.with_suffix(".part").rename(file)
import time
time.sleep(60)
"""


def begin(tmp_path: Path, first: list[str], services: list[Service]) -> subprocess.CompletedProcess[str]:
    jobs = [first, [{"name": one.name, "command": one.command, "folder": str(one.folder)} for one in services]]
    return subprocess.run(
        [sys.executable, "-P", "-m", "orchestration.together", json.dumps(jobs)],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins"), "AIRFLOW_HOME": str(tmp_path / "airflow")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT_ROOT,
        timeout=120,
    )


def script(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def said(path: Path) -> dict[str, Any]:
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def services(tmp_path: Path) -> list[Service]:
    stands = script(tmp_path, "stands", STANDS)
    folder = tmp_path / "run"
    return [Service(name, [stands, str(tmp_path / f"{name}.json")], {}, folder) for name in ("one", "two")]


def test_each_service_has_a_session_a_log_and_a_pid_file_of_its_own(tmp_path: Path, services: list[Service]):
    first = script(tmp_path, "first", "print('migrated')")
    try:
        done = begin(tmp_path, [first], services)
        assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["migrated"]), done.stderr
        for service in services:
            found = said(Path(service.command[1]))
            assert service.is_running()
            assert (service.folder / f"{service.name}.pid").read_text() == str(found["pid"]) == str(found["session"])
            assert (found["arguments"], found["main"]) == (service.command, service.command[0])
            assert found["title"].rstrip("\0") == f"stands {service.command[1]}"
            assert found["garbage"]
            assert found["is_ready"]
            assert str(PROJECT_ROOT) not in found["path"]
            assert service.log.read_text(encoding="utf-8").endswith("a line of the log\n")
    finally:
        for service in services:
            service.stop()
    assert not any(service.is_running() for service in services)


def test_nothing_is_started_where_the_database_cannot_be_brought_to_its_version(
    tmp_path: Path, services: list[Service]
):
    first = script(tmp_path, "first", "raise SystemExit('no such database')")
    done = begin(tmp_path, [first, "db"], services)
    assert done.returncode != 0
    assert done.stderr.endswith("no such database\nfirst db ended with 1\n")
    assert not (tmp_path / "run").exists()


def test_a_task_looks_for_garbage_again_but_not_among_what_was_imported(tmp_path: Path):
    first, last = PRELOADED[0], PRELOADED[-1]
    assert (first, last) == ("orchestration.before_imports", "orchestration.before_fork")
    done = subprocess.run(
        [sys.executable, "-c", f"import {first}, {last}, gc; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins"), "AIRFLOW_HOME": str(tmp_path / "airflow")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1] == "True True"
