"""Follow a night through its three DAGs, with one line per DAG and what failed by name."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

from rich.console import Console

from rollcall.errors import RollcallError
from rollcall.extract import Night
from rollcall.runtime.airflow_api import AirflowApi, RunState
from rollcall.settings import Settings

_FOLLOWERS: Final = ("build_marts", "publish_reports")
_PATIENCE: Final = 1800.0
_PAUSE: Final = 0.5
_LOOKS_A_COUNT: Final = 8


class NightFailed(RollcallError):
    """A DAG of the night ended in failure."""

    code = "RC600"
    next_action = "Read the failed task's log in Airflow; what was published before stays published."


def follow_night(settings: Settings, night: Night, schools: list[int]) -> None:
    """Start ``nightly_registers`` and wait until the night's reports are written; raises ``NightFailed``."""
    api = AirflowApi(settings)
    api.login()
    console = Console()
    started = datetime.now(UTC).isoformat()
    conf = {"date": str(night.date), "known_at": night.known_at.isoformat(), "schools": schools}
    with console.status(f"night of {night.date}") as status:
        run_id = api.trigger("nightly_registers", conf)
        _wait(api, "nightly_registers", run_id, console, status)
        said = api.returned("nightly_registers", run_id, "validate_and_load")
        console.print(
            f"    this run: {said['extracts']} extracts, {said['marks_new']:,} marks new,"
            f" {said['marks_changed']:,} changed, {said['marks_removed']:,} removed, {said['marks_unchanged']:,} unchanged"
        )
        for dag_id in _FOLLOWERS:
            _wait(api, dag_id, _find(api, dag_id, started), console, status)


def _find(api: AirflowApi, dag_id: str, started: str) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        run_id = api.newest_run(dag_id, started)
        if run_id:
            return run_id
        time.sleep(0.3)
    raise NightFailed(f"{dag_id} was not started by its asset.")


def _wait(api: AirflowApi, dag_id: str, run_id: str, console: Console, status: object) -> None:
    began = time.monotonic()
    for look, state in enumerate(api.run_states(dag_id, run_id, _PAUSE)):
        if state in ("success", "failed"):
            _say(console, api.state(dag_id, run_id), time.monotonic() - began)
            return
        if time.monotonic() - began > _PATIENCE:
            break
        # counting is the dear question: Airflow answers its own tasks with the same processor
        if look % _LOOKS_A_COUNT == 0:
            done, total = api.progress(dag_id, run_id)
            _show(status, f"{dag_id}: {done} of {total} tasks")
    raise NightFailed(f"{dag_id} is still running after {_PATIENCE / 60:.0f} minutes.")


def _show(status: object, text: str) -> None:
    update = getattr(status, "update", None)
    if update:
        update(text)


def _say(console: Console, state: RunState, seconds: float) -> None:
    if state.state == "failed":
        raise NightFailed(f"{state.dag_id} failed at: {', '.join(state.failed) or 'an unnamed task'}.")
    note = f", [yellow]{len(state.failed)} failed: {', '.join(state.failed)}[/]" if state.failed else ""
    console.print(f"  [green]✓[/] {state.dag_id} [dim]{state.total} tasks, {seconds:.1f} s[/]{note}")
