"""The faces tell what was known at the clock, and refuse, page and fail as asked."""

from __future__ import annotations

import asyncio
import csv
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncssh
import httpx
import pytest
import uvicorn
from python_calamine import CalamineWorkbook

from simulator.faces.credentials import host_key, write_credentials
from simulator.faces.deliveries import write_night
from simulator.faces.serve import tokens_of
from simulator.faces.sftp import start_sftp
from simulator.faces.template import write_history
from simulator.faces.wonde import Aggregator, build_app
from simulator.faces.wonde_data import AggregatorData
from simulator.truth.store import Truth, marks_as_known

NOW = "2025-09-19T20:00:00+01:00"


@dataclass
class Api:
    """A running API with the token and id of its first school."""

    client: httpx.Client
    sid: str
    urn: int

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a listing, page by page."""
        found: list[dict[str, Any]] = []
        url: str | None = f"/v1.0/schools/{self.sid}/{path}?" + "&".join(
            f"{key}={value}" for key, value in query.items()
        )
        while url:
            body = self.client.get(url).json()
            found += body["data"]
            url = body["meta"]["pagination"]["next"]
        return found


@pytest.fixture(scope="module")
def connections(tiny_truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("secrets")
    write_credentials(tiny_truth, folder / "c.json", folder / "key", http_port=0, sftp_port=0, folder=folder)
    assert (folder / "c.json").stat().st_mode & 0o777 == 0o600
    return {"path": folder, **json.loads((folder / "c.json").read_text())}


@pytest.fixture(scope="module")
def api(tiny_truth: Truth, connections: dict[str, Any]) -> Iterator[Api]:
    rows = {name: row for name, row in connections.items() if name != "path"}
    state = Aggregator(AggregatorData(tiny_truth, datetime.fromisoformat(NOW)), tokens_of(rows))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(build_app(state), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    urn, token = next(iter(state.tokens.items()))
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=20
    ) as client:
        yield Api(client, f"A{urn}", urn)
    server.should_exit = True
    thread.join(10)


def test_pages_by_number_and_by_cursor_carry_the_same_rows_once(api: Api) -> None:
    by_page = api.rows("attendance/session", per_page=1000)
    by_cursor = api.rows("attendance/session", per_page=333, cursor="true")
    assert [row["id"] for row in by_page] == [row["id"] for row in by_cursor]
    assert len({row["id"] for row in by_page}) == len(by_page)


def test_the_api_shows_every_known_mark_and_no_blank_one(api: Api, tiny_truth: Truth) -> None:
    known = marks_as_known(tiny_truth, NOW[:10], f"e.urn = {api.urn}").to_pandas().dropna(subset=["code"])
    shown = api.rows("attendance/session", per_page=1000, include="attendance_code")
    shown += api.rows("attendance-leavers/session", per_page=1000, include="attendance_code")
    told = {
        (int(row["student"][2:]), row["date"]["date"][:10], row["session"], row["attendance_code"]["data"]["code"])
        for row in shown
    }
    truth = {
        (row.enrolment_no, str(row.session_date)[:10], "AM" if row.half == 1 else "PM", row.code)
        for row in known.itertuples()
    }
    assert told == truth


def test_updated_after_returns_only_later_changes_and_dates_bound_the_window(api: Api) -> None:
    changed = api.rows("attendance/session", per_page=1000, updated_after="2025-09-19 00:00:00")
    assert changed
    assert all(row["updated_at"]["date"] > "2025-09-19" for row in changed)
    window = api.rows(
        "attendance/session", per_page=1000, attendance_date_from="2025-09-10", attendance_date_to="2025-09-11"
    )
    assert {row["date"]["date"][:10] for row in window} == {"2025-09-10", "2025-09-11"}


def test_unknown_filters_and_wrong_tokens_are_refused(api: Api) -> None:
    assert api.client.get(f"/v1.0/schools/{api.sid}/attendance/session?date=2025-09-10").status_code == 422
    assert (
        api.client.get(f"/v1.0/schools/{api.sid}/students", headers={"Authorization": "Bearer no"}).status_code == 401
    )


def test_the_clock_decides_what_is_known(api: Api) -> None:
    api.client.post("/_sim/clock", json={"now": "2025-09-12T20:00:00+01:00"})
    early = api.rows("attendance/session", per_page=1000)
    api.client.post("/_sim/clock", json={"now": NOW})
    assert max(row["date"]["date"][:10] for row in early) == "2025-09-12"
    assert len(early) < len(api.rows("attendance/session", per_page=1000))


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"kind": "throttle", "retry_after": 2}, 429),
        ({"kind": "error"}, 503),
        ({"kind": "timeout", "seconds": 0.01}, 504),
    ],
)
def test_a_fault_strikes_as_often_as_asked_and_then_clears(api: Api, fault: dict[str, Any], status: int) -> None:
    api.client.post("/_sim/faults", json=[{"urn": api.urn, "times": 2, **fault}])
    path = f"/v1.0/schools/{api.sid}/students"
    answers = [api.client.get(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert status != 429 or answers[0].headers["retry-after"] == "2"


def test_lasting_faults_break_pages_in_their_own_way(api: Api) -> None:
    path = f"/v1.0/schools/{api.sid}/students"
    for kind in ("html", "empty", "truncated", "endless"):
        api.client.post("/_sim/faults", json=[{"urn": api.urn, "kind": kind}])
        answer = api.client.get(path, params={"page": 400, "per_page": 10} if kind == "endless" else None)
        if kind == "html":
            assert answer.headers["content-type"].startswith("text/html")
        elif kind == "truncated":
            with pytest.raises(json.JSONDecodeError):
                answer.json()
        else:
            assert answer.json()["meta"]["pagination"]["more"] is (kind == "endless")
            assert kind == "endless" or answer.json()["data"] == []
        api.client.post("/_sim/faults", json=[{"urn": api.urn, "kind": "none"}])
    assert api.client.get(path).json()["data"]


def test_an_account_sees_its_own_folder_only(connections: dict[str, Any], tmp_path: Path) -> None:
    rows = {name: row for name, row in connections.items() if name != "path"}
    login, password = next((row["login"], row["password"]) for row in rows.values() if row["conn_type"] == "sftp")
    (tmp_path / "900999").mkdir()
    (tmp_path / "900999" / "marks.csv").write_text("not yours")
    own = tmp_path / login.removeprefix("school")
    own.mkdir()
    (own / "hello.csv").write_text("x")

    async def look() -> tuple[list[str], bool, bool]:
        acceptor = await start_sftp(rows, tmp_path, 0, connections["path"] / "key")
        known = f"[127.0.0.1]:{acceptor.get_port()} {host_key(connections['path'] / 'key')}".encode()
        options: dict[str, Any] = {
            "username": login,
            "known_hosts": asyncssh.import_known_hosts(known.decode()),
            "client_keys": None,
        }
        async with (
            asyncssh.connect("127.0.0.1", acceptor.get_port(), password=password, **options) as connection,
            connection.start_sftp_client() as sftp,
        ):
            names = [str(name) for name in await sftp.listdir("/") if name not in (".", "..")]
            escaped = await sftp.exists("/../900999/marks.csv")
        try:
            await asyncssh.connect("127.0.0.1", acceptor.get_port(), password="wrong", **options)
            entered = True
        except asyncssh.PermissionDenied:
            entered = False
        acceptor.close()
        return names, escaped, entered

    assert asyncio.run(look()) == (["hello.csv"], False, False)


def test_history_agrees_with_its_control_totals(tiny_truth: Truth, tmp_path: Path) -> None:
    write_history(tiny_truth, "2025-09-19", tmp_path)
    for delivery in tmp_path.glob("*/*"):
        totals = json.loads((delivery / "control.json").read_text())
        for name in ("pupils", "marks"):
            with (delivery / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
                assert sum(1 for _ in csv.DictReader(handle)) == totals[name]
    assert len(list(tmp_path.glob("*/*"))) == len(tiny_truth.schools)


def test_demo_defects_reach_the_deliveries(year_truth: Path, tmp_path: Path) -> None:
    truth = Truth(year_truth)
    sftp = truth.schools.loc[truth.schools["connector"] == "sftp", "urn"].tolist()
    kinds = dict(zip(sftp, ("silent", "bad_rows"), strict=False))
    truth.scenario["defects"] = {"2026-07-10": [{"urn": int(urn), "kind": kind} for urn, kind in kinds.items()]}
    log = {row["urn"]: row for row in write_night(truth, "2026-07-10", tmp_path / "s", tmp_path / "f")}
    for urn, kind in kinds.items():
        assert log[urn]["defect"] == kind
        assert log[urn]["delivered"] == (kind != "silent")
        assert (tmp_path / "s" / str(urn) / "register-2026-07-10").exists() == (kind != "silent")
    spoilt = (tmp_path / "s" / str(sftp[1]) / "register-2026-07-10" / "marks.csv").read_text()
    assert "UNKNOWN" in spoilt
    assert "2026-02-30" in spoilt
    assert ",XX," in spoilt


def test_workbook_schools_send_the_current_half_term_as_sheets(year_truth: Path, tmp_path: Path) -> None:
    truth = Truth(year_truth)
    truth.schools.loc[truth.schools["connector"] == "folder", "connector_settings"] = "file=xlsx"
    write_night(truth, "2026-07-08", tmp_path / "s", tmp_path / "f")
    books = list((tmp_path / "f").glob("*/*/register.xlsx"))
    assert books
    sheets = CalamineWorkbook.from_path(str(books[0]))
    assert sheets.sheet_names == ["pupils", "marks"]
    assert (books[0].parent / "control.json").is_file()
    marks = sheets.get_sheet_by_name("marks").to_python()
    assert marks[0][:4] == ["pupil_id", "session_date", "session", "code"]
    assert min(str(row[1]) for row in marks[1:]) >= "2026-06-01"
