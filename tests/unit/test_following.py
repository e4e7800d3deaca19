"""The command line follows a run of Airflow through a broken answer, a refused token and an API that is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from rollcall.errors import TransientError
from rollcall.runtime.airflow_api import AirflowApi

Answer = tuple[int, list[str], bool]


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[AirflowApi, list[str]]]:
    """An API on the loopback: status, states told one a line, and whether the answer comes to its end; the last repeats."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            status, states, is_whole = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for state in states:
                self._chunk(json.dumps({"state": state}).encode() + b"\n")
            if is_whole:
                self._chunk(b"")
            self.close_connection = True

        def do_POST(self) -> None:
            asked.append(self.path)
            body = json.dumps({"access_token": "fresh"}).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield AirflowApi(SimpleNamespace(airflow_port=server.server_port, secret=lambda name: name)), asked  # type: ignore[arg-type]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollcall.runtime.airflow_api.time.sleep", lambda seconds: None)


@pytest.mark.parametrize("is_whole", [False, True], ids=["broken off", "ended too early"])
def test_an_answer_that_stops_before_the_run_has_ended_is_asked_for_again(is_whole: bool):
    with answering((200, ["queued", "running"], is_whole), (200, ["running", "success"], True)) as (api, asked):
        assert list(api.run_states("dag", "run", 0.5)) == ["queued", "running", "running", "success"]
    assert asked == ["/api/v2/dags/dag/dagRuns/run/wait?interval=0.5"] * 2


def test_a_token_that_is_refused_is_renewed():
    with answering((401, [], True), (200, ["failed"], True)) as (api, asked):
        assert list(api.run_states("dag", "run", 0.5)) == ["failed"]
    assert asked[1] == "/auth/token"


def test_a_run_that_is_not_there_is_not_asked_for_again():
    with answering((404, [], True)) as (api, asked), pytest.raises(httpx.HTTPStatusError):
        list(api.run_states("dag", "run", 0.5))
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [(503, [], True), (200, ["running"], False)], ids=["failing", "breaking off"])
def test_an_api_that_stays_away_is_an_outage(answer: Answer):
    with answering(answer) as (api, asked), pytest.raises(TransientError):
        list(api.run_states("dag", "run", 0.5))
    assert len(asked) == 5
