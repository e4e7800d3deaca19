"""Airflow's processes of an installation: each is one command, the same here as in ``docker-compose.yml``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx

from rollcall.errors import TransientError
from rollcall.runtime.airflow_api import http_client
from rollcall.runtime.processes import Service, wait_until
from rollcall.runtime.secrets import write_secret
from rollcall.settings import PROJECT_ROOT, Settings

AIRFLOW_COMMANDS: Final = {
    "airflow-api-server": ["airflow", "api-server", "--workers", "1"],
    "airflow-scheduler": ["airflow", "scheduler"],
    "airflow-dag-processor": ["airflow", "dag-processor"],
}
"""Each Airflow service and the command that runs it; ports and addresses come from the environment.

No triggerer: no task of ours is deferred. A server has one (``docker-compose.yml``), for DAGs that a city adds.
"""

PRELOADED: Final = (
    "orchestration.before_imports",
    "airflow.sdk", "airflow.executors.local_executor", "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner", "airflow.dag_processing.dagbag", "airflow.sdk.definitions.decorators",
    "airflow.providers.standard.decorators.python", "orchestration.assets", "orchestration.defaults",
    "orchestration.schools", "rollcall.nightly", "rollcall.connectors",
    "rollcall.land", "rollcall.load", "rollcall.validate", "rollcall.model", "rollcall.audit", "rollcall.publish",
    "rollcall.report.preload",
    "great_expectations", "dbt.cli.main", "dbt.adapters.postgres", "asyncssh", "httpx", "psycopg",
    "orchestration.before_fork",
)  # fmt: skip
"""Imported once by the process that every task is forked from: a task of a school then costs no import."""


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Airflow's configuration as environment: no secret in it, only commands that print one from its file."""
    host = settings.warehouse_host or "127.0.0.1"
    password_file = settings.secrets / "airflow_dsn"
    write_secret(
        password_file,
        f"postgresql+psycopg2://airflow:{settings.secret('pg_airflow')}@{host}:{settings.warehouse_port}/airflow",
    )
    users = settings.secrets / "airflow_users.json"
    write_secret(users, json.dumps({"admin": settings.secret("airflow_admin_password")}))
    base = f"http://127.0.0.1:{settings.airflow_port}"
    preload = ",".join(PRELOADED)
    values = {
        "CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": os.environ.get("ROLLCALL_PARALLELISM", "12"),
        # of the scheduler alone: another service would import all of it to serve its logs
        "SCHEDULER__MP_START_METHOD": "forkserver",
        "SCHEDULER__MP_FORKSERVER_PRELOAD": preload,
        "CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "CORE__FERNET_KEY_CMD": f"cat {settings.secrets / 'airflow_fernet'}",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(users),
        "DATABASE__SQL_ALCHEMY_CONN_CMD": f"cat {password_file}",
        # no process is started here before the database has been brought to its version
        "DATABASE__CHECK_MIGRATIONS": "False",
        "API__PORT": str(settings.airflow_port),
        "API__HOST": "127.0.0.1",
        "API__BASE_URL": base,
        "API__SECRET_KEY_CMD": f"cat {settings.secrets / 'airflow_api'}",
        "API_AUTH__JWT_SECRET_CMD": f"cat {settings.secrets / 'airflow_jwt'}",
        "SECRETS__BACKEND": "orchestration.connections_file.ConnectionsFile",
        "SECRETS__BACKEND_KWARGS": json.dumps({"path": str(settings.connections_file)}),
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "LOGGING__LOGGING_LEVEL": "INFO",
    }
    environment = {f"AIRFLOW__{name}": value for name, value in values.items()}
    binaries = str(Path(sys.executable).parent)
    return {
        **environment,
        **installation_environment(settings),
        "AIRFLOW_HOME": str(settings.home / "airflow"),
        "PATH": f"{binaries}:{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "SCARF_ANALYTICS": "false",
    }


def installation_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment, so that every process of the installation reads the same ones."""
    return {
        "ROLLCALL_HOME": str(settings.home),
        "ROLLCALL_CITY": str(settings.city_folder),
        "ROLLCALL_LANDING": settings.landing,
        "ROLLCALL_PUBLISHED": str(settings.published),
        "ROLLCALL_DROP": str(settings.drop),
        "ROLLCALL_PG_HOST": settings.warehouse_host,
        "ROLLCALL_PG_PORT": str(settings.warehouse_port),
        "ROLLCALL_PG_DATABASE": settings.warehouse_database,
        "ROLLCALL_AIRFLOW_PORT": str(settings.airflow_port),
    }


def airflow_services(settings: Settings) -> list[Service]:
    """The processes of Airflow."""
    environment = airflow_environment(settings)
    folder = settings.home / "run"
    binaries = Path(sys.executable).parent
    return [
        Service(name, [str(binaries / command[0]), *command[1:]], environment, folder)
        for name, command in AIRFLOW_COMMANDS.items()
    ]


def start_airflow_processes(settings: Settings) -> None:
    """Bring Airflow's own database to its version and start each of its processes that does not run."""
    services = [service for service in airflow_services(settings) if not service.is_running()]
    migrate = [str(Path(sys.executable).parent / "airflow"), "db", "migrate"]
    jobs = [migrate, [{"name": one.name, "command": one.command, "folder": str(one.folder)} for one in services]]
    done = subprocess.run(
        # -P: the folder that it is started in is no place to import from
        [sys.executable, "-P", "-m", "orchestration.together", json.dumps(jobs)],
        env={**os.environ, **airflow_environment(settings)},
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise TransientError(f"Airflow could not be started: {(done.stdout + done.stderr)[-800:]}")


def wait_for_airflow(settings: Settings, seconds: float = 120) -> None:
    """Wait until API, scheduler and DAG processor say that they are healthy, and the DAGs are there."""
    with http_client(settings, 5) as api:

        def healthy() -> bool:
            try:
                # what tasks talk to is put together at its first request: now, and not while a night's first task waits
                api.get("/execution/health", timeout=60).raise_for_status()
                parts = api.get("/api/v2/monitor/health").json()
            except (httpx.HTTPError, ValueError):
                return False
            return all(parts[name]["status"] == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))

        is_healthy = wait_until(healthy, seconds, pause=0.5)
    if not is_healthy:
        raise TransientError("Airflow did not become healthy.", next_action="Read the logs in the installation's run/.")
