"""The compose file says what the code does: commands, settings, secrets, roles, options of Airflow."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from airflow.configuration import conf

from bi.__main__ import PREPARE, SERVE
from bi.__main__ import environment as bi_environment
from bi.settings import load_bi_settings
from rollcall.runtime.secrets import ensure_secrets
from rollcall.runtime.services import AIRFLOW_COMMANDS, airflow_environment
from rollcall.settings import load_settings
from rollcall.warehouse.cluster import ADMIN, CONFIGURATION
from tests.compose.compose_file import COMPOSE, ROOT, SERVICES, resolved

AIRFLOW_SERVICES = [name for name in SERVICES if name.startswith("airflow-")]
ONE_MACHINE_ONLY = {
    "CORE__SIMPLE_AUTH_MANAGER_USERS",
    "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
    "DATABASE__CHECK_MIGRATIONS",  # a container may be started alone, after a pull: it looks for itself
    "USAGE_DATA_COLLECTION__ENABLED",  # no option of this Airflow: compose names only those that there are
}
SERVER_ONLY = {"CORE__AUTH_MANAGER", "CELERY__BROKER_URL", "CELERY__RESULT_BACKEND"}
DIFFERENT_BY_NATURE = {
    "CORE__DAGS_FOLDER",
    "CORE__PLUGINS_FOLDER",
    "CORE__EXECUTION_API_SERVER_URL",
    "CORE__FERNET_KEY_CMD",
    "DATABASE__SQL_ALCHEMY_CONN_CMD",
    "API__HOST",
    "API__SECRET_KEY_CMD",
    "API_AUTH__JWT_SECRET_CMD",
    "SECRETS__BACKEND_KWARGS",
    "SCHEDULER__ENABLE_HEALTH_CHECK",
}

UNREAD_BY_BI = (
    "ROLLCALL_CITY", "ROLLCALL_LANDING", "ROLLCALL_PUBLISHED", "ROLLCALL_DROP", "ROLLCALL_AIRFLOW", "PATH",
)  # fmt: skip


@pytest.fixture
def secrets_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the secret files that the code makes, in an installation that nothing else knows."""
    ours = ("ROLLCALL_SECRETS", "ROLLCALL_CONNECTIONS", "ROLLCALL_AIRFLOW_PORT", "ROLLCALL_PARALLELISM")
    for name in (*ours, *[name for name in os.environ if name.startswith("ROLLCALL_BI_")]):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    ensure_secrets(load_settings())
    return {path.name for path in load_settings().secrets.iterdir()}


def airflow_options(values: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("AIRFLOW__"): value for name, value in values.items() if name.startswith("AIRFLOW__")}


@pytest.mark.parametrize("service", AIRFLOW_COMMANDS)
def test_a_service_runs_the_command_that_the_code_runs(service: str):
    assert SERVICES[service]["command"] == AIRFLOW_COMMANDS[service]


def test_every_service_of_airflow_is_there_and_shares_one_environment():
    assert set(AIRFLOW_SERVICES) == {*AIRFLOW_COMMANDS, "airflow-triggerer", "airflow-worker"}
    environments = [SERVICES[name]["environment"] for name in AIRFLOW_SERVICES]
    assert all(environment == environments[0] for environment in environments)


def test_every_rollcall_variable_is_one_that_the_code_reads():
    modules = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "bi").glob("*.py")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    read = set(re.findall(r'environ\.get\(\s*"(ROLLCALL_\w+)"', source))
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert {name for name in named if name.startswith("ROLLCALL_")} <= read


def test_airflow_is_set_up_as_on_one_machine_but_for_what_a_server_needs(secrets_made: set[str]):
    one_machine = airflow_options(airflow_environment(load_settings()))
    server = airflow_options({k: resolved(str(v)) for k, v in SERVICES["airflow-scheduler"]["environment"].items()})
    assert set(one_machine) - ONE_MACHINE_ONLY == set(server) - SERVER_ONLY
    same = set(one_machine) - ONE_MACHINE_ONLY - DIFFERENT_BY_NATURE
    assert {name: server[name] for name in same} == {name: one_machine[name] for name in same}


def test_the_bi_tool_runs_the_commands_and_reads_the_variables_that_the_code_does(secrets_made: set[str]):
    assert SERVICES["bi-init"]["command"] == PREPARE
    assert SERVICES["bi"]["command"] == SERVE
    one_machine = bi_environment(load_bi_settings())
    for name in ("bi-init", "bi"):
        assert SERVICES[name]["profiles"] == ["bi"]
        # where the city's own files lie is nothing to the BI tool; the container has its programs on its path
        here = set(SERVICES[name]["environment"]) - {"ROLLCALL_BI_PROGRAMS", "HOME"}
        assert here == {key for key in one_machine if not key.startswith(UNREAD_BY_BI)}
    assert SERVICES["bi"]["environment"]["ROLLCALL_BI_HOST"] == "0.0.0.0"
    assert SERVICES["bi"]["ports"] == [f"127.0.0.1:{load_bi_settings().port}:{load_bi_settings().port}"]


def test_only_the_bi_tools_first_job_holds_a_password_that_may_change_anything():
    assert set(SERVICES["bi"]["secrets"]) == {"pg_superset", "pg_bi_reader", "superset_key"}
    holders = {name for name, service in SERVICES.items() if "pg_admin" in service.get("secrets", [])}
    assert holders == {"postgres", "bi-init"}
    assert SERVICES["bi-init"]["restart"] == "no"


def test_every_option_is_one_that_airflow_knows():
    known = {
        f"{section}__{option}".upper()
        for section, content in conf.configuration_description.items()
        for option in content["options"]
    }
    # `[core] mp_start_method`: "can be overridden per component", with what it preloads
    assert "``[scheduler]``" in conf.configuration_description["core"]["options"]["mp_start_method"]["description"]
    known |= {option.replace("CORE__", "SCHEDULER__") for option in known if option.startswith("CORE__MP_")}
    named = {name.removesuffix("_CMD") for name in airflow_options(SERVICES["airflow-scheduler"]["environment"])}
    assert named <= known


def test_every_secret_is_one_that_the_code_makes_and_is_used(secrets_made: set[str]):
    connections = load_settings().connections_file.name
    assert set(COMPOSE["secrets"]) <= secrets_made | {connections}
    for name, secret in COMPOSE["secrets"].items():
        assert resolved(secret["file"]) == f"./secrets/{name}"
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_no_secret_stands_in_an_environment():
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET_KEY|JWT|FERNET", key):
                assert "/secrets/" in str(value), f"{name}: {key} is no path of a secret"


def test_only_who_runs_tasks_holds_a_password_of_the_warehouse():
    holders = {name for name, service in SERVICES.items() if "pg_loader" in service.get("secrets", [])}
    assert holders == {"airflow-scheduler", "airflow-worker", "console"}
    assert not any("pg_identity_reader" in service.get("secrets", []) for service in SERVICES.values())


def test_every_lasting_service_has_a_health_check_and_runs_as_nobody_special():
    for name, service in SERVICES.items():
        assert str(service["user"]).startswith("${ROLLCALL_UID:-50000}"), name
        assert service["cap_drop"] == ["ALL"], name
        if service["restart"] != "no":
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_ports_answer_on_the_loopback_address_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_server_is_tuned_as_the_embedded_one():
    settings = [word.removeprefix("-c").split("=", 1) for word in SERVICES["postgres"]["command"][1:]]
    assert {name: CONFIGURATION[name] for name, _ in settings} == dict(settings)
    assert SERVICES["postgres"]["environment"]["POSTGRES_USER"] == ADMIN


def test_the_city_is_read_only_wherever_it_is_mounted():
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", []) if ":/city" in volume]
    assert len(mounts) > len(AIRFLOW_SERVICES)
    assert all(mount.endswith(":ro") for mount in mounts)


def test_the_image_holds_what_the_code_needs_and_nothing_of_the_simulator():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in line.split()[:-1]}
    assert {"plugins", "dags", "dbt_project", "expectations", "city", "requirements.lock"} <= copied
    assert not copied & {"simulator", "tests", "."}
    assert all((ROOT / name).exists() for name in copied)
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(allowed)


def test_the_bi_tools_image_holds_its_descriptions_and_what_they_read():
    text = (ROOT / "bi" / "Dockerfile").read_text(encoding="utf-8")
    copied = [line.split()[:-1] for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE)]
    sources = {word for words in copied for word in words}
    assert sources == {"bi/requirements.lock", "plugins", "dbt_project", "bi"}
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name.split('/')[0]}" for name in sources} <= set(allowed)
    assert "bi/.venv" in allowed
    assert "python -m bi.telemetry" in text
