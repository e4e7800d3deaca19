"""A Wonde-shaped HTTP API: bearer token per school, pages by number or cursor, PHP dates, and faults on demand.

Shapes marked unconfirmed in the interface notes are assumptions; `removal_grounds`, `destination`, `child_in_need` and
`child_protection_plan` are our own additions, because a city's register needs them.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faces.known import content
from simulator.faces.wonde_data import AggregatorData, Filters
from simulator.faces.wonde_rows import code_rows, rows_of

PAGE_FILTERS = {"per_page", "page", "cursor", "include", "updated_after"}
DATE_FILTERS = {"attendance_date_from", "attendance_date_to"}
INCLUDES = {
    "students": {"education_details", "extended_details", "contact_details", "registration"},
    "attendance": {"student", "attendance_code"},
}
LARGEST_PAGE = 1000


class RefusalError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Aggregator:
    """The API's state: data, tokens, faults, and the row lists that pages are cut from."""

    def __init__(self, data: AggregatorData, tokens: dict[int, str]) -> None:
        self.data = data
        self.tokens = tokens
        self.faults: dict[int, dict[str, Any]] = {}
        self.lists: dict[tuple[Any, ...], pa.StringArray] = {}
        self.requests = 0

    def set_clock(self, moment: datetime) -> None:
        """Move time on; the scenario's throttled schools of that night answer 429 twice."""
        self.data.set_clock(moment)
        self.lists.clear()
        night = self.data.now.date().isoformat()
        for urn, kind in self.data.truth.defects(night).items():
            if kind == "throttled":
                self.faults[urn] = {"kind": "throttle", "times": 2, "retry_after": 1}

    def school(self, request: Request) -> int:
        """URN of the addressed school, if the token is its own."""
        sid = request.path_params["sid"]
        urn = int(sid[1:]) if sid[:1] == "A" and sid[1:].isdigit() else 0
        if urn not in self.tokens:
            raise RefusalError(404, "no such school")
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(token.encode(), self.tokens[urn].encode()):
            raise RefusalError(401, "unauthenticated")
        return urn

    async def fault(self, urn: int) -> Response | None:
        """The answer that the school's current fault gives instead of data, counting it down."""
        fault = self.faults.get(urn)
        if not fault or fault["kind"] in ("endless", "empty", "truncated"):
            return None
        if fault["times"] > 0:
            fault["times"] -= 1
            if fault["times"] == 0:
                del self.faults[urn]
        if fault["kind"] == "throttle":
            return JSONResponse(
                {"message": "too many requests"}, 429, {"Retry-After": str(fault.get("retry_after", 1))}
            )
        if fault["kind"] == "error":
            return JSONResponse({"message": "server error"}, fault.get("status", 503))
        if fault["kind"] == "html":
            return Response("<html><body>Down for maintenance</body></html>", media_type="text/html")
        await asyncio.sleep(float(fault.get("seconds", 30)))
        return JSONResponse({"message": "too late"}, 504)


def parse_filters(query: dict[str, str], entity: str) -> tuple[Filters, set[str], int]:
    """Filters, includes and page size; an unknown filter or include is an error, never ignored."""
    allowed = PAGE_FILTERS | (DATE_FILTERS if entity == "attendance" else set())
    unknown = sorted(set(query) - allowed)
    if unknown:
        raise RefusalError(422, f"unknown filter: {', '.join(unknown)}")
    includes = {name for name in query.get("include", "").split(",") if name}
    if includes - INCLUDES.get(entity, set()):
        raise RefusalError(422, f"unknown include; permitted: {', '.join(sorted(INCLUDES.get(entity, set())))}")
    try:
        after = query.get("updated_after")
        moment = datetime.fromisoformat(after).replace(tzinfo=UTC) if after else None
        low = datetime.fromisoformat(query.get("attendance_date_from", "1900-01-01")).date().isoformat()
        high = datetime.fromisoformat(query.get("attendance_date_to", "2999-12-31")).date().isoformat()
        size = int(query.get("per_page", "50"))
    except ValueError:
        raise RefusalError(422, "malformed filter value") from None
    if not 1 <= size <= LARGEST_PAGE:
        raise RefusalError(422, f"per_page must lie between 1 and {LARGEST_PAGE}")
    return Filters(moment, low, high), includes, size


def _page(
    api: Aggregator, request: Request, urn: int, rows: pa.StringArray, *, size: int, includes: set[str]
) -> Response:
    query = dict(request.query_params)
    cursor = query.get("cursor")
    try:
        if cursor and cursor != "true":
            start = int(base64.urlsafe_b64decode(cursor.encode()).decode())
        else:
            start = (int(query.get("page", "1")) - 1) * size
    except ValueError:
        raise RefusalError(422, "malformed page or cursor") from None
    fault = api.faults.get(urn, {}).get("kind")
    rows = rows[:0] if fault == "empty" else rows
    more = fault == "endless" or start + size < len(rows)
    if more and cursor:
        query["cursor"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    elif more:
        query["page"] = str(start // size + 2)
    following = f"{request.url.scheme}://{request.url.netloc}{request.url.path}?{urlencode(query)}" if more else None
    part = content(rows[:size] if fault == "endless" else rows[start : start + size])
    meta = {
        "pagination": {
            "next": following,
            "previous": None,
            "more": more,
            "per_page": size,
            "current_page": start // size + 1,
        },
        "includes": sorted(includes),
    }
    body = b"".join([b'{"data":[', part[: part.size - 1], b'],"meta":', json.dumps(meta).encode(), b"}"])
    if fault == "truncated":
        text = body.decode()
        body = text[: len(text) // 2].encode()
    return Response(body, media_type="application/json")


def build_app(api: Aggregator) -> Starlette:
    """The API and its control endpoints (`/_sim/clock`, `/_sim/faults`, `/_sim/health`)."""

    async def listing(request: Request) -> Response:
        api.requests += 1
        try:
            urn = api.school(request)
            refused = await api.fault(urn)
            if refused is not None:
                return refused
            name = request.path_params["name"]
            entity = "attendance" if name.endswith("/session") else "students" if name.startswith("students") else name
            filters, includes, size = parse_filters(dict(request.query_params), entity)
            return _page(api, request, urn, _rows(api, urn, name, filters, includes), size=size, includes=includes)
        except RefusalError as refusal:
            return JSONResponse({"error": "request refused", "message": str(refusal)}, refusal.status)

    async def clock(request: Request) -> Response:
        api.set_clock(datetime.fromisoformat((await request.json())["now"]))
        return JSONResponse({"now": api.data.now.isoformat()})

    async def faults(request: Request) -> Response:
        asked = await request.json()
        for fault in asked if isinstance(asked, list) else [asked]:
            if fault["kind"] == "none":
                api.faults.pop(int(fault["urn"]), None)
            else:
                api.faults[int(fault["urn"])] = {"times": 1, **fault}
        return JSONResponse({"faults": {str(urn): fault["kind"] for urn, fault in api.faults.items()}})

    async def health(request: Request) -> Response:
        return JSONResponse(
            {"status": "ok", "now": api.data.now.isoformat(), "schools": len(api.tokens), "requests": api.requests}
        )

    return Starlette(
        routes=[
            Route("/_sim/clock", clock, methods=["POST"]),
            Route("/_sim/faults", faults, methods=["POST"]),
            Route("/_sim/health", health),
            Route("/v1.0/schools/{sid}/{name:path}", listing),
        ]
    )


def _rows(api: Aggregator, urn: int, name: str, filters: Filters, includes: set[str]) -> pa.StringArray:
    key = (urn, name, filters.updated_after, filters.date_from, filters.date_to, tuple(sorted(includes)))
    if key not in api.lists:
        if len(api.lists) > 40:
            api.lists.pop(next(iter(api.lists)))
        api.lists[key] = _load(api, urn, name, filters, includes)
    return api.lists[key]


def _load(api: Aggregator, urn: int, name: str, filters: Filters, includes: set[str]) -> pa.StringArray:
    if name in ("students", "students-leaver"):
        return api.data.pupils(urn, name == "students-leaver", filters, includes)
    if name in ("attendance/session", "attendance-leavers/session"):
        return api.data.marks(urn, name.startswith("attendance-leavers"), filters, includes)
    if name == "attendance-codes":
        return code_rows()
    if name == "deletions":
        gone = (json.loads(row[:-1]) for row in api.data.pupils(urn, True, filters, set()).to_pylist())
        return rows_of({"id": row["id"], "type": "student", "deleted_at": row["updated_at"]} for row in gone)
    raise RefusalError(404, "no such resource")
