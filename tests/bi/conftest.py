"""The BI tool from nothing: its environment where it is missing, the tiny city, and the one command that starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bi.settings import PROGRAMS, BiSettings, load_bi_settings
from rollcall.settings import PROJECT_ROOT
from tests.ports import free_ports
from tests.tiny_city import TinyCity


@dataclass(frozen=True)
class BiTool:
    """A running BI tool beside the tiny city."""

    city: TinyCity
    bi: BiSettings
    said: str

    @property
    def base(self) -> str:
        """Its address."""
        return self.bi.base_url

    def password(self, user: str) -> str:
        """The password of one of the two first logins."""
        return self.bi.rollcall.secret(f"superset_{user}_password")

    def session(self, user: str = "") -> httpx.Client:
        """A client of the interface, logged in as a person would be, or as nobody."""
        client = httpx.Client(base_url=self.base, timeout=60)
        if user:
            body = {"username": user, "password": self.password(user), "provider": "db"}
            answer = client.post("/api/v1/security/login", json=body)
            answer.raise_for_status()
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            token = client.get("/api/v1/security/csrf_token/")
            client.headers["X-CSRFToken"] = token.json()["result"]
            client.headers["Referer"] = self.base
        return client

    def everything(self, client: httpx.Client, kind: str) -> list[dict[str, Any]]:
        """Every chart, dashboard or dataset that a person can see."""
        answer = client.get(f"/api/v1/{kind}/", params={"q": "(page_size:200)"})
        answer.raise_for_status()
        return list(answer.json()["result"])


def run_bi(command: str) -> str:
    """One command of the BI tool, as a person types it; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bi", command],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": "plugins:."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def bi_programs() -> None:
    """The BI tool's own environment, installed from its lock where it is missing."""
    if not (PROGRAMS / "gunicorn").exists():
        subprocess.run(["make", "bi/.venv/.installed"], cwd=PROJECT_ROOT, check=True, capture_output=True)


@pytest.fixture(scope="session")
def bi_tool(tiny_city: TinyCity, bi_programs: None) -> Iterator[BiTool]:
    """The tool, started by `python -m bi up` on the tiny city's published set."""
    (port,) = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLCALL_BI_PORT", str(port))
        for name in ("ROLLCALL_BI_METADATA", "ROLLCALL_BI_BASE_URL", "ROLLCALL_BI_HOST", "ROLLCALL_BI_WORKERS"):
            patch.delenv(name, raising=False)
        said = run_bi("up")
        try:
            yield BiTool(tiny_city, load_bi_settings(), said)
        finally:
            run_bi("down")


@pytest.fixture(scope="session")
def analyst(bi_tool: BiTool) -> httpx.Client:
    """The interface as an analyst has it."""
    return bi_tool.session("analyst")


@pytest.fixture(scope="session")
def admin(bi_tool: BiTool) -> httpx.Client:
    """The interface as the administrator has it."""
    return bi_tool.session("admin")


@pytest.fixture(scope="session")
def numbers(bi_tool: BiTool, analyst: httpx.Client) -> dict[str, int]:
    """Dataset's title -> its number in the tool."""
    return {row["table_name"]: row["id"] for row in bi_tool.everything(analyst, "dataset")}
