"""What compose would run, run here: each command, the first login, the API with its health check, the queue."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from rollcall.runtime.secrets import ensure_secrets
from rollcall.settings import load_settings
from rollcall.warehouse.cluster import PgCluster, wheel_binaries
from tests.compose.compose_file import COMPOSE, ROOT, SERVICES, native_environment, resolved

COMMANDS = {name: service["command"] for name, service in SERVICES.items() if name.startswith("airflow-")}


@dataclass(frozen=True)
class Place:
    """A home with secrets and a migrated metadata database, and free ports for API and queue."""

    home: Path
    port: int
    queue_port: int

    def environment(self, service: str) -> dict[str, str]:
        """The environment that compose gives a service, on this machine."""
        return native_environment(service, self.home, self.port, self.queue_port)

    def run(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run one command of a service in its environment."""
        return subprocess.run(
            command, env=self.environment(service), cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
        )

    @contextmanager
    def running(self, service: str, command: list[str]) -> Iterator[Path]:
        """Keep a service's process up for the length of a block; yields its log."""
        log = self.home / f"{service}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command, env=self.environment(service), cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT
            )
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.5)
    pytest.fail(f"not in {seconds:.0f} s; the log ends: {log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The state that compose's ``init`` leaves behind, made by its own Airflow commands."""
    found = Place(tmp_path_factory.mktemp("server"), free_port(), free_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLCALL_HOME", str(found.home))
        patch.delenv("ROLLCALL_SECRETS", raising=False)
        ensure_secrets(load_settings())
    (found.home / "secrets" / "connections.json").write_text("{}", encoding="utf-8")
    shell, flags, script = SERVICES["init"]["command"]
    script = resolved(script).replace("/secrets/", f"{found.home / 'secrets'}/")
    first, rest = script.split("\n", 1)
    assert first == "rollcall up --warehouse-only", "the warehouse comes before Airflow's database"
    for _ in range(2):  # compose runs it again at every start
        done = found.run("init", [shell, flags, rest])
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return found


@pytest.mark.parametrize("service", COMMANDS)
def test_every_command_is_one_that_airflow_has(place: Place, service: str):
    help_of = [word for word in COMMANDS[service] if not word.startswith("--") and not word.isdigit()]
    done = place.run(service, [*help_of, "--help"])
    assert done.returncode == 0, done.stderr[-1000:]
    assert all(word in done.stdout for word in COMMANDS[service] if word.startswith("--"))


def test_the_health_checks_of_jobs_are_commands_that_airflow_has(place: Place):
    done = place.run("airflow-triggerer", ["airflow", "jobs", "check", "--help"])
    for service in ("airflow-dag-processor", "airflow-triggerer"):
        assert all(word in done.stdout for word in SERVICES[service]["healthcheck"]["test"] if word.startswith("--"))


def test_the_api_comes_up_answers_its_health_check_and_lets_the_first_login_in(place: Place):
    check = [
        word.replace("8831", str(place.port)) for word in SERVICES["airflow-api-server"]["healthcheck"]["test"][1:]
    ]
    with place.running("airflow-api-server", COMMANDS["airflow-api-server"]) as log:
        wait_for(lambda: place.run("airflow-api-server", check).returncode == 0, 120, log)
        password = (place.home / "secrets" / "airflow_admin_password").read_text(encoding="utf-8")
        address = f"http://127.0.0.1:{place.port}"
        right = httpx.post(f"{address}/auth/token", json={"username": "admin", "password": password}, timeout=30)
        wrong = httpx.post(f"{address}/auth/token", json={"username": "admin", "password": "guess"}, timeout=30)
        assert right.json()["access_token"]
        assert wrong.status_code == 401
        head = {"Authorization": f"Bearer {right.json()['access_token']}"}
        assert httpx.get(f"{address}/api/v2/dags", headers=head, timeout=30).status_code == 200


def test_the_warehouse_script_makes_airflows_login_and_database(place: Place, tmp_path: Path):
    secrets = place.home / "secrets"
    cluster = PgCluster(tmp_path / "postgres", free_port(), (secrets / "pg_admin").read_text(encoding="utf-8"))
    cluster.start()
    try:
        script = COMPOSE["configs"]["airflow_database"]["content"].replace("$$", "$")
        environment = {
            "PATH": f"{wheel_binaries()}:/usr/bin:/bin",
            "POSTGRES_USER": SERVICES["postgres"]["environment"]["POSTGRES_USER"],
            "PGHOST": "127.0.0.1",
            "PGPORT": str(cluster.port),
            "PGPASSWORD": cluster.password,
        }
        script = script.replace("/run/secrets", str(secrets))
        done = subprocess.run(["sh", "-ec", script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # the very address that compose lets Airflow print
        command = resolved(SERVICES["init"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"])
        command = command.replace("/run/secrets", str(secrets)).replace("postgres:5432", f"127.0.0.1:{cluster.port}")
        dsn = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
        with psycopg.connect(dsn.replace("+psycopg2", "")) as connection:
            assert connection.execute("select current_user, current_database()").fetchone() == ("airflow", "airflow")
    finally:
        cluster.remove()


def test_a_worker_takes_its_orders_from_the_queue_and_answers_its_health_check(place: Place):
    """Needs Debian's package redis-server."""
    port = str(place.queue_port)
    ask = SERVICES["redis"]["healthcheck"]["test"][1:]
    check = SERVICES["airflow-worker"]["healthcheck"]["test"][1:]
    with place.running("redis", [*SERVICES["redis"]["command"], "--port", port, "--bind", "127.0.0.1"]) as log:
        wait_for(lambda: place.run("redis", [ask[0], "-p", port, *ask[1:]]).stdout.strip() == "PONG", 20, log)
        with place.running("airflow-worker", COMMANDS["airflow-worker"]) as worker_log:
            wait_for(lambda: "pong" in place.run("airflow-worker", check).stdout, 120, worker_log)
