"""One night through a real Airflow: its own processes, its API, the three DAGs, and a school that says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import httpx
import pytest

from rollcall.cli.follow import follow_night
from rollcall.runtime import installation
from rollcall.runtime.airflow_api import AirflowApi, RunState
from rollcall.runtime.services import airflow_services
from rollcall.settings import Settings
from tests.aftermath import Aftermath
from tests.tiny_city import ROLLS, SILENT, TinyCity, night_of

DAY: Final = date(2026, 7, 13)
PAGES: Final = (
    "tonight", "pages/city-report.html", "pages/catalogue/README.html", "pages/catalogue/marts.html",
    "pages/../secrets/pg_admin", "pages/%2e%2e/secrets/pg_admin", "pages/packs/list.html", "pages/catalogue",
)  # fmt: skip
DAGS: Final = ("nightly_registers", "build_marts", "publish_reports")


@dataclass(frozen=True)
class AirflowNight:
    """The runs of the night and the task instances of the first DAG."""

    runs: dict[str, RunState]
    tasks: list[dict[str, Any]]
    pages: dict[str, dict[str, httpx.Response]]


def _open(settings: Settings, api: AirflowApi, path: str, who: str) -> httpx.Response:
    headers = {"Authorization": api._http.headers["Authorization"]} if who == "operator" else {}
    return httpx.get(f"http://127.0.0.1:{settings.airflow_port}/rollcall/{path}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def night(tiny_city: TinyCity, aftermath: Aftermath) -> Iterator[AirflowNight]:
    assert aftermath.rebuilt
    settings = tiny_city.settings
    tiny_city.evening(DAY)
    tiny_city.withdraw_delivery(SILENT, DAY)
    try:
        installation.make_airflow_database(settings)
        installation.start_airflow(settings)
        installation.wait_for_dags(settings, DAGS)
        follow_night(settings, night_of(DAY), [])
        api = AirflowApi(settings)
        api.login()
        runs = {dag_id: api.newest_run(dag_id, "2026-01-01T00:00:00+00:00") for dag_id in DAGS}
        states = {dag_id: api.state(dag_id, str(run_id)) for dag_id, run_id in runs.items()}
        tasks = list(api._tasks(DAGS[0], str(runs[DAGS[0]])))
        pages = {who: {path: _open(settings, api, path, who) for path in PAGES} for who in ("nobody", "operator")}
        yield AirflowNight(states, tasks, pages)
    finally:
        for service in airflow_services(settings):
            service.stop()


def mapped(night: AirflowNight) -> dict[str, str]:
    """State of each mapped task by the name that the grid shows."""
    collect = [task for task in night.tasks if task["task_id"] == "collect"]
    return {task["rendered_map_index"]: task["state"] for task in collect}


def test_all_three_dags_of_the_night_succeed(night: AirflowNight):
    assert {dag_id: run.state for dag_id, run in night.runs.items()} == dict.fromkeys(DAGS, "success")
    assert [run.failed for run in night.runs.values()] == [(), (), ()]


def test_each_school_is_a_task_that_carries_its_name(tiny_city: TinyCity, night: AirflowNight):
    assert set(mapped(night)) == {tiny_city.city.schools[urn].label for urn in ROLLS}


def test_the_silent_schools_task_is_skipped_and_every_other_succeeds(tiny_city: TinyCity, night: AirflowNight):
    label = tiny_city.city.schools[SILENT].label
    states = mapped(night)
    assert states.pop(label) == "skipped"
    assert set(states.values()) == {"success"}


def test_the_night_is_published_and_on_the_report(tiny_city: TinyCity, night: AirflowNight):
    assert night.runs["publish_reports"].state == "success"
    assert tiny_city.value("select night from ops.publication where is_current") == DAY
    report = (tiny_city.settings.published / "city-report.html").read_text(encoding="utf-8")
    assert "13 July 2026" in report
    assert tiny_city.city.schools[SILENT].name in report


def test_no_child_and_no_secret_stands_in_airflows_logs(tiny_city: TinyCity, night: AirflowNight):
    assert night.tasks
    home = tiny_city.settings.home
    logs = [path.read_text(errors="replace") for path in (home / "airflow" / "logs").rglob("*.log")]
    logs += [path.read_text(errors="replace") for path in (home / "run").glob("airflow-*.log")]
    text = "\n".join(logs)
    assert len(logs) > len(ROLLS)
    pupils = tiny_city.truth.pupils
    names = [*pupils["upn"].dropna(), *pupils["pupil_id"], *(pupils["forename"] + " " + pupils["surname"])]
    secrets = [path.read_text().strip() for path in tiny_city.settings.secrets.glob("pg_*")]
    canaries = [word for word in [*names, *secrets] if len(word) > 8]
    assert len(canaries) > 1000
    assert [word for word in canaries if word in text] == []


def test_rollcalls_pages_ask_for_airflows_login(night: AirflowNight):
    assert {answer.status_code for answer in night.pages["nobody"].values()} <= {401, 404}
    assert night.pages["nobody"]["tonight"].status_code == 401


def test_the_operators_page_and_the_catalogue_open_from_airflow(tiny_city: TinyCity, night: AirflowNight):
    pages = night.pages["operator"]
    assert pages["tonight"].status_code == 200
    assert tiny_city.city.schools[SILENT].name in pages["tonight"].text
    assert "13 July 2026" in pages["tonight"].text
    assert pages["tonight"].headers["content-security-policy"].startswith("default-src 'none'")
    for path in PAGES[1:4]:
        assert pages[path].status_code == 200, path
    assert "fct_child_absence" in pages["pages/catalogue/marts.html"].text


def test_nothing_beside_the_open_pages_can_be_reached(night: AirflowNight):
    assert {path: night.pages["operator"][path].status_code for path in PAGES[4:]} == dict.fromkeys(PAGES[4:], 404)
