"""One installation as a whole: start it, stop it, examine it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from rollcall.city import load_city
from rollcall.council import agreed_feeds
from rollcall.errors import RollcallError, TransientError
from rollcall.runtime.airflow_api import AirflowApi
from rollcall.runtime.processes import Service
from rollcall.runtime.secrets import ensure_secrets
from rollcall.runtime.services import start_airflow_processes, wait_for_airflow
from rollcall.settings import Settings
from rollcall.warehouse.cluster import PgCluster
from rollcall.warehouse.connect import connect
from rollcall.warehouse.migrate import create_database, migrate
from rollcall.warehouse.reference import load_reference


@dataclass(frozen=True)
class Finding:
    """One check of `rollcall doctor`: its name, how it stands, and what to do where it is not well."""

    name: str
    is_ok: bool
    state: str = "ok"
    action: str = ""


def cluster_of(settings: Settings) -> PgCluster:
    """The embedded server of this installation."""
    return PgCluster(settings.home / "postgres", settings.warehouse_port, settings.secret("pg_admin"))


def admin_dsn(settings: Settings, database: str) -> str:
    """The administrator's address: of the embedded server, or of the one that ``ROLLCALL_PG_HOST`` names."""
    if not settings.warehouse_host:
        return cluster_of(settings).dsn(database)
    password = settings.secret("pg_admin")
    return f"postgresql://rollcall_admin:{password}@{settings.warehouse_host}:{settings.warehouse_port}/{database}"


def start_warehouse(settings: Settings) -> None:
    """Make the secrets and start the embedded server, if this installation has one."""
    settings.home.mkdir(parents=True, exist_ok=True)
    ensure_secrets(settings)
    if not settings.warehouse_host:
        cluster_of(settings).start()


def migrate_warehouse(settings: Settings) -> None:
    """Bring database, roles, schemas, partitions and the city's reference tables up to date."""
    city = load_city(settings.city_folder)
    create_database(admin_dsn(settings, "postgres"), settings.warehouse_database)
    migrate(settings, city, admin_dsn(settings, settings.warehouse_database))
    with connect(settings, "loader") as connection:
        load_reference(connection, city)


def make_airflow_database(settings: Settings) -> None:
    """Make Airflow's login and database where they are missing."""
    address = admin_dsn(settings, "postgres")
    create_database(address, "airflow")
    with psycopg.connect(address, autocommit=True) as connection:
        exists = connection.execute("select 1 from pg_roles where rolname = 'airflow'").fetchone()
        verb = sql.SQL("alter" if exists else "create")
        password = sql.Literal(settings.secret("pg_airflow"))
        connection.execute(sql.SQL("{} role airflow login password {}").format(verb, password))
        connection.execute("alter database airflow owner to airflow")


def start_airflow(settings: Settings) -> None:
    """Bring Airflow's database to its version, start Airflow's processes and wait until they are healthy."""
    if not settings.connections_file.exists():
        settings.connections_file.touch(mode=0o600)
        settings.connections_file.write_text("{}", encoding="utf-8")
    start_airflow_processes(settings)
    wait_for_airflow(settings)


def wait_for_dags(settings: Settings, dag_ids: Sequence[str], seconds: float = 90) -> None:
    """Wait until the DAGs are brought in, and let them run on their schedules."""
    api = AirflowApi(settings)
    api.login()
    end = time.monotonic() + seconds
    missing = list(dag_ids)
    while missing and time.monotonic() < end:
        missing = [dag_id for dag_id in missing if not api.has_dag(dag_id)]
        time.sleep(0.5 if missing else 0)
    if missing:
        raise TransientError(
            f"Airflow did not bring in: {', '.join(missing)}.", next_action="Run `airflow dags list-import-errors`."
        )
    for dag_id in dag_ids:
        api.unpause(dag_id)


def stop(settings: Settings, *, purge: bool = False) -> None:
    """Stop everything that this installation started; ``purge`` also deletes the embedded server's data."""
    folder = settings.home / "run"
    names = [path.stem for path in sorted(folder.glob("*.pid"))] if folder.exists() else []
    for name in names:
        Service(name, [], {}, folder).stop()
    if not settings.warehouse_host and (settings.secrets / "pg_admin").exists():
        cluster = cluster_of(settings)
        if purge:
            cluster.remove()
        else:
            cluster.stop()


def examine(settings: Settings) -> list[Finding]:
    """Every check that a night depends on, in the order in which a night meets them."""
    checks: dict[str, Callable[[], object]] = {
        "city folder": lambda: load_city(settings.city_folder),
        "council's feeds": lambda: agreed_feeds(settings.city_folder),
        "secrets": lambda: [
            settings.secret(f"pg_{name}")
            for name in ("loader", "transform", "publisher", "bi_reader", "operator_reader")
        ],
        "warehouse": lambda: _answer(settings),
        "schools' connections": lambda: _connections(settings),
        "Airflow": lambda: AirflowApi(settings).login(),
    }
    findings = []
    for name, check in checks.items():
        try:
            check()
        except RollcallError as error:
            findings.append(Finding(name, False, error.reason, error.next_action))
        else:
            findings.append(Finding(name, True))
    return findings


def _answer(settings: Settings) -> None:
    with connect(settings, "loader") as connection:
        connection.execute("select 1 from register.extract limit 1")


def _connections(settings: Settings) -> None:
    from rollcall.connectors import read_connection

    for school in load_city(settings.city_folder).connected_schools():
        read_connection(settings.connections_file, school.connection)
