"""Airflow's public API, as the command line uses it: start a night, follow it, say how it went."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

from rollcall.errors import AccessRefused, TransientError
from rollcall.settings import Settings

_RUN_ENDED: Final = ("success", "failed")
_ENDED: Final = ("success", "skipped", "failed", "upstream_failed", "removed")


@dataclass(frozen=True)
class RunState:
    """The state of one DAG run: tasks done of tasks known, and which failed."""

    dag_id: str
    run_id: str
    state: str
    done: int
    total: int
    failed: tuple[str, ...]


def http_client(settings: Settings, seconds: float) -> httpx.Client:
    """A client for this machine's Airflow, to be used for every question of a command."""
    # nothing is encrypted inside the machine: a context that trusts nobody spares reading every certificate it has
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(base_url=f"http://127.0.0.1:{settings.airflow_port}", timeout=seconds, verify=nobody)


class AirflowApi:
    """A session with the API of this installation's Airflow."""

    def __init__(self, settings: Settings) -> None:
        self._http = http_client(settings, 30)
        self._password = settings.secret("airflow_admin_password")

    def login(self) -> None:
        """Get a token; raises ``AccessRefused`` or ``TransientError``."""
        try:
            answer = self._http.post("/auth/token", json={"username": "admin", "password": self._password})
        except httpx.HTTPError as error:
            raise TransientError("Airflow does not answer.", next_action="Run `rollcall up`.") from error
        if answer.status_code >= 400:
            raise AccessRefused("Airflow refuses our password.", next_action="Run `rollcall down`, then `rollcall up`.")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run on its schedule."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def has_dag(self, dag_id: str) -> bool:
        """Whether the DAG processor has brought the DAG in."""
        return self._http.get(f"/api/v2/dags/{dag_id}").status_code == 200

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run with its parameters; returns its id."""
        answer = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf})
        return str(answer["dag_run_id"])

    def state(self, dag_id: str, run_id: str) -> RunState:
        """The state of one run with its tasks."""
        run = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        tasks = list(self._tasks(dag_id, run_id))
        done = [task for task in tasks if task["state"] in _ENDED]
        failed = tuple(
            task["rendered_map_index"] or task["task_id"]
            for task in tasks
            if task["state"] in ("failed", "upstream_failed")
        )
        return RunState(dag_id, run_id, run["state"], len(done), len(tasks), failed)

    def run_states(self, dag_id: str, run_id: str, every: float) -> Iterator[str]:
        """The state of one run, in Airflow's word, every so many seconds until it has ended.

        One question that Airflow goes on answering: asked for anew, a run costs it a reading of all its tasks.
        """
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/wait"
        for attempt in range(5):
            try:
                with self._http.stream("GET", path, params={"interval": every}) as answer:
                    answer.raise_for_status()
                    for line in filter(None, answer.iter_lines()):
                        state = str(json.loads(line)["state"])
                        yield state
                        if state in _RUN_ENDED:
                            return
            except httpx.HTTPStatusError as error:
                if error.response.status_code == 401:
                    self.login()
                elif error.response.status_code < 500:
                    raise
            except httpx.HTTPError as error:
                if attempt == 4:
                    raise TransientError(f"Airflow's API does not answer: {type(error).__name__}.") from error
            time.sleep(0.5 * (attempt + 1))
        raise TransientError(f"Airflow's API failed on {path}.")

    def progress(self, dag_id: str, run_id: str) -> tuple[int, int]:
        """(tasks ended, tasks known) of one run: two counts of the server's, however many tasks there are."""
        tasks = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        ended = self._call("GET", tasks, params={"limit": 1, "state": list(_ENDED)})
        known = self._call("GET", tasks, params={"limit": 1})
        return ended["total_entries"], known["total_entries"]

    def newest_run(self, dag_id: str, after: str) -> str | None:
        """The newest run of a DAG that was queued after a moment (ISO), or None."""
        runs = self._call(
            "GET",
            f"/api/v2/dags/{dag_id}/dagRuns",
            params={"order_by": "-run_after", "limit": 1, "run_after_gte": after},
        )
        return str(runs["dag_runs"][0]["dag_run_id"]) if runs["dag_runs"] else None

    def returned(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task of a run returned."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._call("GET", path, params={"deserialize": "true"})["value"]

    def _tasks(self, dag_id: str, run_id: str) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._call(
                "GET",
                f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances",
                params={"limit": 100, "offset": offset},
            )
            yield from page["task_instances"]
            offset += 100
            if offset >= page["total_entries"]:
                return

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        for attempt in range(5):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.HTTPError as error:
                if attempt == 4:
                    raise TransientError(f"Airflow's API does not answer: {type(error).__name__}.") from error
            else:
                if answer.status_code == 401:
                    self.login()
                elif answer.status_code < 500:
                    answer.raise_for_status()
                    found: dict[str, Any] = answer.json()
                    return found
            time.sleep(0.5 * (attempt + 1))
        raise TransientError(f"Airflow's API failed on {path}.")
