"""docker-compose.yml as Python sees it, and its commands and environment as they can be run without a container."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
_DEFAULT = re.compile(r"\$\{(\w+):-([^}]*)\}")


def resolved(text: str) -> str:
    """A value with every default in place, as compose hands it to a container where the host sets nothing."""
    return _DEFAULT.sub(r"\2", text).replace("$$", "$")


def native_environment(service: str, home: Path, port: int, queue_port: int) -> dict[str, str]:
    """A service's own environment, with the container's paths and names turned into this machine's."""
    swaps = {
        "/run/secrets": str(home / "secrets"),
        "/var/lib/rollcall": str(home),
        "/opt/rollcall": str(ROOT),
        "airflow-api-server:8831": f"127.0.0.1:{port}",
        "8831": str(port),
        "redis:6379": f"127.0.0.1:{queue_port}",
    }
    values = {name: resolved(str(value)) for name, value in SERVICES[service].get("environment", {}).items()}
    for old, new in swaps.items():
        values = {name: value.replace(old, new) for name, value in values.items()}
    values["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{home / 'airflow.db'}"
    values.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", None)
    binaries = str(Path(sys.executable).parent)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "ROLLCALL"))}
    return {**clean, **values, "HOME": str(home), "PATH": f"{binaries}:{os.environ['PATH']}"}
