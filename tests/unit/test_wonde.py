"""The Wonde connector against a server on the loopback: what it asks, what it lands, every guard of its paging."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from rollcall.connectors import Connection, connector_for
from rollcall.errors import (
    AccessRefused,
    HostileDelivery,
    RollcallError,
    SettingsError,
    TransientError,
    UnreadableDelivery,
)
from rollcall.extract import Delivery, Request
from rollcall.land import land
from rollcall.validate import read_canonical, validate
from tests.deliveries import NIGHT, Door
from tests.wonde_stand_in import StandIn, moment, page, running, session, student

WINDOW = Request(NIGHT, date(2026, 6, 24), date(2026, 7, 8))
DELTA = replace(WINDOW, since=datetime(2026, 7, 7, 20, tzinfo=UTC))
QUICK = {"requests_per_second": 1000, "first_wait_seconds": 0.01, "max_wait_seconds": 3, "timeout_seconds": 2}


@pytest.fixture
def api() -> Iterator[StandIn]:
    with running() as stand_in:
        yield stand_in


def bring(
    door: Door, api: StandIn, request: Request = WINDOW, token: str = "token-of-900002", **extra: object
) -> Delivery:
    school = door.city.schools[900002]
    connection = Connection("http", password=token, extra={"base_url": api.base_url} | QUICK | extra)
    return connector_for(school)(school, connection, request, door.folder / "pulled")[0]


def test_a_window_is_landed_whole_and_read_as_canonical_tables(door: Door, api: StandIn):
    delivery = bring(door, api)
    assert (delivery.pupils_mode, delivery.marks_mode, delivery.is_complete) == ("snapshot", "window", True)
    assert (delivery.scope_from, delivery.scope_to) == (WINDOW.window_from, WINDOW.window_to)
    extract = land(str(door.folder / "landing"), door.city.schools[900002], NIGHT, delivery)
    verdict = validate(extract, door.city, None, door.codes)
    assert (verdict.status, verdict.reason, verdict.pupils_accepted, verdict.marks_accepted) == ("accepted", "", 2, 3)
    pupils, marks = (table.to_pylist() for table in read_canonical(extract.landed_uri))
    assert [(row["pupil_id"], row["leaving_date"]) for row in pupils] == [("upi1", None), ("upi2", date(2026, 7, 3))]
    assert (pupils[0]["nc_year"], pupils[0]["sex"], pupils[0]["sen"], pupils[0]["fsm"]) == ("6", "F", "K", True)
    assert (pupils[0]["looked_after"], pupils[0]["cin"]) == (None, None)
    assert [(row["pupil_id"], row["session"], row["code"]) for row in marks] == [
        ("upi1", "AM", "/"), ("upi1", "PM", "\\"), ("upi2", "AM", "I"),
    ]  # fmt: skip


def test_a_delta_asks_for_changes_since_a_day_before_the_watermark(door: Door, api: StandIn):
    delivery = bring(door, api, DELTA, updated_after_name="changed_after")
    assert (delivery.marks_mode, delivery.scope_from, delivery.scope_to) == ("delta", None, None)
    assert api.asked("/attendance/session")[0]["changed_after"] == "2026-07-06 20:00:00"
    assert "changed_after" not in api.asked("/students")[0]


def test_a_reconcile_night_brings_the_changes_of_any_age_and_then_the_window(door: Door, api: StandIn):
    """A correction older than the window must not wait for another night because tonight the window is compared."""
    school = door.city.schools[900002]
    connection = Connection("http", password="token-of-900002", extra={"base_url": api.base_url} | QUICK)
    request = replace(DELTA, is_reconcile=True)
    changed, window = connector_for(school)(school, connection, request, door.folder / "pulled")
    assert (changed.marks_mode, changed.scope_from) == ("delta", None)
    assert (window.marks_mode, window.scope_from, window.scope_to) == ("window", request.window_from, request.window_to)
    asked = api.asked("/attendance/session")
    assert [sorted(set(query) & {"updated_after", "attendance_date_from"}) for query in asked] == [
        ["updated_after"], ["attendance_date_from"],
    ]  # fmt: skip
    assert len(api.asked("/students")) == 1


def test_comments_are_dropped_before_anything_is_landed(door: Door, api: StandIn):
    landed = b"".join(path.read_bytes() for path in bring(door, api).folder.iterdir())
    assert b"unwell" not in landed


def test_pages_are_followed_to_the_end(door: Door, api: StandIn):
    def answer(request) -> Response:
        number = int(request.query_params.get("page", "1"))
        following = f"{api.base_url}{request.url.path}?page={number + 1}" if number < 4 else None
        return page([student(number)], following, more=number < 4)

    api.answers["/students"] = answer
    delivery = bring(door, api)
    assert len((delivery.folder / "students.ndjson").read_text().splitlines()) == 4


def test_a_page_is_landed_as_it_came_but_for_spaces_and_free_texts(door: Door, api: StandIn):
    """Byte for byte as Python's own writer has it: names, signs, numbers, nothing, and depth beyond the quick writer."""
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    odd = {"surname": 'Ó "Neill"\\ /\u2028\x7f\b', "hours": 27.5, "big": 10**30, "zero": -0.0, "void": float("inf")}
    for more in ({}, {"deep": deep}):
        record = student(1) | odd | more
        body = json.dumps({"data": [record | {"notes": "unwell"}], "meta": {"pagination": {"next": None}}}, indent=1)
        api.answers["/students"] = lambda _, body=body: Response(body, media_type="application/json")
        whole = {"data": [record], "meta": {"pagination": {"next": None}}}
        landed = (bring(door, api).folder / "students.ndjson").read_bytes()
        assert landed == (json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        shutil.rmtree(door.folder / "pulled")


def test_a_name_may_hold_a_sign_that_ends_a_line_elsewhere(door: Door, api: StandIn):
    odd = student(1) | {"surname": "Canary\u2028Quux", "forename": "Zebe\u0085dee"}
    api.answers["/students"] = lambda _: page([odd])
    extract = land(str(door.folder / "landing"), door.city.schools[900002], NIGHT, bring(door, api))
    verdict = validate(extract, door.city, None, door.codes)
    assert (verdict.status, verdict.reason, verdict.pupils_accepted) == ("accepted", "", 2)


@pytest.mark.parametrize("included", ["student", "attendance_code", "both"])
def test_an_included_relation_reads_like_an_identifier(door: Door, api: StandIn, included: str):
    whole = {}
    if included in ("student", "both"):
        whole["student"] = {"data": {"id": "A1"}}
    if included in ("attendance_code", "both"):
        whole["attendance_code"] = {"data": {"id": "C3", "code": "I"}}
    api.answers["/attendance/session"] = lambda _: page([session(1, "2026-07-08", "AM", "C3") | whole])
    extract = land(str(door.folder / "landing"), door.city.schools[900002], NIGHT, bring(door, api))
    validate(extract, door.city, None, door.codes)
    row = read_canonical(extract.landed_uri)[1].to_pylist()[0]
    assert (row["pupil_id"], row["code"]) == ("upi1", "I")


def test_midnight_of_a_summer_day_in_utc_is_that_day(door: Door, api: StandIn):
    late = moment("2026-07-07", "UTC", "23:00:00")
    api.answers["/attendance/session"] = lambda _: page([session(1, "2026-07-08", "AM", "C1", date=late)])
    extract = land(str(door.folder / "landing"), door.city.schools[900002], NIGHT, bring(door, api))
    validate(extract, door.city, None, door.codes)
    assert read_canonical(extract.landed_uri)[1].column("session_date").to_pylist()[0] == date(2026, 7, 8)


def test_a_busy_source_is_asked_again_when_it_says(door: Door, api: StandIn):
    statuses = [429, 503, 200]

    def answer(_) -> Response:
        status = statuses.pop(0)
        return page([student(1)]) if status == 200 else Response(status_code=status, headers={"Retry-After": "0"})

    api.answers["/students"] = answer
    bring(door, api)
    assert statuses == []


def test_a_source_that_asks_for_more_patience_than_we_have_is_an_outage(door: Door, api: StandIn):
    api.answers["/students"] = lambda _: Response(status_code=429, headers={"Retry-After": "3600"})
    with pytest.raises(TransientError):
        bring(door, api)
    assert len(api.asked("/students")) == 1


def test_a_refused_token_is_not_tried_again(door: Door, api: StandIn):
    with pytest.raises(AccessRefused) as caught:
        bring(door, api, token="wrong-token")
    assert len(api.requests) == 1
    assert "wrong-token" not in str(caught.value)


def nobody_listens() -> str:
    return "http://127.0.0.1:9"


def test_a_source_that_is_down_is_an_outage(door: Door, api: StandIn):
    with pytest.raises(TransientError):
        bring(door, api, base_url=nobody_listens())


BAD_PAGES: dict[str, tuple[Response, type[RollcallError]]] = {
    "HTML": (Response("<html>maintenance</html>", media_type="text/html"), UnreadableDelivery),
    "cut JSON": (Response('{"data": [{"id": '), UnreadableDelivery),
    "no data": (JSONResponse({"meta": {"pagination": {"next": None}}}), UnreadableDelivery),
    "no pagination": (JSONResponse({"data": []}), UnreadableDelivery),
    "records that are none": (
        JSONResponse({"data": ["Zebedee"], "meta": {"pagination": {"next": None}}}),
        UnreadableDelivery,
    ),
    "more without next": (page([], None, more=True), UnreadableDelivery),
    "another host": (page([], "http://127.0.0.2:1/v1.0/schools"), HostileDelivery),
    "another scheme": (page([], "https://127.0.0.1/v1.0/schools"), HostileDelivery),
    "a redirect": (Response(status_code=302, headers={"Location": "http://127.0.0.2/"}), UnreadableDelivery),
    "an unknown filter": (JSONResponse({"errors": ["unknown filter"]}, status_code=422), UnreadableDelivery),
    "revoked": (Response(status_code=403), AccessRefused),
}


@pytest.mark.parametrize("fault", BAD_PAGES)
def test_a_page_that_cannot_be_trusted_is_refused_by_name(door: Door, api: StandIn, fault: str):
    answer, error = BAD_PAGES[fault]
    api.answers["/students"] = lambda _: answer
    with pytest.raises(error) as caught:
        bring(door, api)
    assert "Zebedee" not in str(caught.value)


def test_a_page_that_leads_back_is_refused(door: Door, api: StandIn):
    api.answers["/students"] = lambda request: page([student(1)], f"{api.base_url}{request.url.path}?cursor=abc")
    with pytest.raises(UnreadableDelivery, match="leads back"):
        bring(door, api)


def test_pages_that_never_end_are_refused(door: Door, api: StandIn):
    def answer(request) -> Response:
        number = int(request.query_params.get("page", "1"))
        return page([], f"{api.base_url}{request.url.path}?page={number + 1}")

    api.answers["/students"] = answer
    with pytest.raises(UnreadableDelivery, match="more than 20 pages"):
        bring(door, api, max_pages=20)


def test_marks_outside_the_window_show_that_the_filter_was_ignored(door: Door, api: StandIn):
    api.answers["/attendance/session"] = lambda _: page([session(1, "2026-01-08", "AM", "C1")])
    with pytest.raises(UnreadableDelivery, match="outside the dates"):
        bring(door, api)


@pytest.mark.parametrize("school_id", ["", "a/b", ".."])
def test_a_blank_or_tricky_school_id_is_never_sent(door: Door, api: StandIn, school_id: str):
    school = replace(door.city.schools[900002], connector_settings={"school_id": school_id})
    with pytest.raises(SettingsError):
        connector_for(school)(school, Connection("http", extra={"base_url": api.base_url}), WINDOW, Path("unused"))
    assert api.requests == []
