"""Airflow counts as started only when the part of its API that the tasks talk to has answered once as well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rollcall.errors import TransientError
from rollcall.runtime.services import wait_for_airflow
from rollcall.settings import Settings, load_settings

PARTS = ("metadatabase", "scheduler", "dag_processor")


class Api(BaseHTTPRequestHandler):
    """A stand-in for Airflow's API: everything is healthy, and the tasks' part is built at the second request."""

    asked: list[str]
    failures: int

    def do_GET(self) -> None:
        """Answer one request and remember it."""
        self.asked.append(self.path)
        is_late = self.path == "/execution/health" and self.asked.count(self.path) <= self.failures
        body = json.dumps({name: {"status": "healthy"} for name in PARTS}).encode()
        self.send_response(503 if is_late else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[tuple[type[Api], Settings]]:
    handler = type("Handler", (Api,), {"asked": [], "failures": 1})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, replace(load_settings(), airflow_port=server.server_address[1])
    server.shutdown()
    server.server_close()


def test_the_tasks_part_of_the_api_is_asked_until_it_answers(api: tuple[type[Api], Settings]):
    handler, settings = api
    wait_for_airflow(settings, seconds=20)
    assert handler.asked == ["/execution/health", "/execution/health", "/api/v2/monitor/health"]


def test_an_api_that_never_answers_tasks_is_not_healthy(api: tuple[type[Api], Settings]):
    handler, settings = api
    handler.failures = 1000
    with pytest.raises(TransientError, match="did not become healthy"):
        wait_for_airflow(settings, seconds=1)
