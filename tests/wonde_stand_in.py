"""A small school data API on the loopback, whose answers each test chooses: for the guards of the Wonde connector."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCHOOL = "/v1.0/schools/A900002"
Answer = Callable[[Request], Response]


def moment(day: str, zone: str = "Europe/London", clock: str = "00:00:00") -> dict[str, Any]:
    return {"date": f"{day} {clock}.000000", "timezone_type": 3, "timezone": zone}


def page(records: list[dict[str, Any]], following: str | None = None, *, more: bool = False) -> Response:
    return JSONResponse({"data": records, "meta": {"pagination": {"next": following, "more": more}}})


def student(number: int, **changes: Any) -> dict[str, Any]:
    education: dict[str, Any] = {
        "upn": "H801200001001",
        "current_nc_year": "Year  6",
        "admission_date": moment("2024-09-02"),
    }
    more = {"free_school_meals": True, "sen_status": "SEN Support", "enrolment_status": "C", "in_lea_care": None}
    return {
        "id": f"A{number}", "upi": f"upi{number}", "surname": "Canary-Quux", "forename": "Zebedee", "gender": "FEMALE",
        "date_of_birth": moment("2015-03-17", "UTC"), "education_details": {"data": education | changes},
        "extended_details": {"data": more},
    }  # fmt: skip


def session(pupil: int, day: str, half: str, code: str | None, **changes: Any) -> dict[str, Any]:
    return {"id": f"M{pupil}{day}{half}", "student": f"A{pupil}", "date": moment(day), "session": half,
            "attendance_code": code, "comment": "Zebedee was unwell", "minutes_late": None} | changes  # fmt: skip


class StandIn:
    """Answers by path below the school; a request without the right token is refused."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.base_url = ""
        self.answers: dict[str, Answer] = {
            "/students": lambda _: page([student(1)]),
            "/students-leaver": lambda _: page([student(2, leaving_date=moment("2026-07-03"))]),
            "/attendance-codes": lambda _: page(
                [{"id": "C1", "code": "/"}, {"id": "C2", "code": "\\"}, {"id": "C3", "code": "I"}]
            ),
            "/attendance/session": lambda _: page(
                [session(1, "2026-07-08", "AM", "C1"), session(1, "2026-07-08", "PM", "C2")]
            ),
            "/attendance-leavers/session": lambda _: page([session(2, "2026-07-02", "AM", "C3")]),
        }

    def answer(self, request: Request) -> Response:
        """The chosen answer for the path, kept on record."""
        self.requests.append(request)
        if request.headers.get("authorization") != "Bearer token-of-900002":
            return JSONResponse({"error": "no"}, status_code=401)
        return self.answers[request.url.path.removeprefix(SCHOOL)](request)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries of every request for a path."""
        return [dict(item.query_params) for item in self.requests if item.url.path == SCHOOL + path]


@contextmanager
def running() -> Iterator[StandIn]:
    """The stand-in on a free port."""
    stand_in = StandIn()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    stand_in.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=[Route("/{path:path}", stand_in.answer)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield stand_in
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
