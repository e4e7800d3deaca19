"""Who gets what of the running tool: nobody nothing, an analyst reading, the administrator no write to the warehouse."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import httpx
import psycopg
import pytest

from bi.build.dashboards import dashboards
from bi.settings import FOLDER, PROGRAMS
from rollcall.settings import PROJECT_ROOT
from rollcall.warehouse.cluster import wheel_binaries
from tests.bi.conftest import BiTool


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/dashboard/", "/api/v1/chart/", "/api/v1/dataset/", "/api/v1/database/", "/api/v1/chart/1/data/",
        "/api/v1/me/", "/api/v1/log/", "/api/v1/security/users/", "/api/v1/query/", "/api/v1/assets/export/",
    ],
)  # fmt: skip
def test_nobody_without_a_login_gets_anything(bi_tool: BiTool, path: str):
    answer = bi_tool.session().get(path)
    assert answer.status_code in (401, 403, 404) or answer.json().get("count") == 0, answer.text[:200]
    assert "result" not in answer.text or answer.json()["result"] == []


def test_pages_lead_a_stranger_to_the_login_and_ask_for_no_chart_data(bi_tool: BiTool, numbers: dict[str, int]):
    stranger = bi_tool.session()
    for slug in dashboards():
        answer = stranger.get(f"/superset/dashboard/{slug}/")
        assert answer.status_code in (302, 303)
        assert "/login" in answer.headers["location"]
    body = {"datasource": {"id": min(numbers.values()), "type": "table"}, "queries": [{"metrics": ["absence_rate"]}]}
    assert stranger.post("/api/v1/chart/data", json=body).status_code in (401, 403)


def test_an_analyst_reads_and_changes_nothing(bi_tool: BiTool, analyst: httpx.Client, admin: httpx.Client):
    (connection,) = bi_tool.everything(admin, "database")
    (board, *_) = bi_tool.everything(analyst, "dashboard")
    (chart, *_) = bi_tool.everything(analyst, "chart")
    sql = {"database_id": connection["id"], "sql": "select 1", "schema": "serve", "runAsync": False}
    refused = {
        "SQL Lab": analyst.post("/api/v1/sqllab/execute/", json=sql),
        "SQL Lab's page": analyst.get("/sqllab/"),
        "databases": analyst.get("/api/v1/database/"),
        "the database": analyst.get(f"/api/v1/database/{connection['id']}"),
        "its connection": analyst.get(f"/api/v1/database/{connection['id']}/connection"),
        "a new database": analyst.post("/api/v1/database/", json={"database_name": "x", "sqlalchemy_uri": "sqlite://"}),
        "a changed dashboard": analyst.put(f"/api/v1/dashboard/{board['id']}", json={"dashboard_title": "mine"}),
        "a deleted chart": analyst.delete(f"/api/v1/chart/{chart['id']}"),
        "a new dataset": analyst.post("/api/v1/dataset/", json={"database": connection["id"], "table_name": "x"}),
        "an import": analyst.post("/api/v1/assets/import/", files={"bundle": ("x.zip", b"x")}),
        "an export": analyst.get("/api/v1/assets/export/"),
        "users": analyst.get("/api/v1/security/users/"),
        "the log": analyst.get("/api/v1/log/"),
        "row rules": analyst.get("/api/v1/rowlevelsecurity/"),
    }
    through = {what: answer.status_code for what, answer in refused.items() if answer.status_code < 300}
    assert through == {}
    title = next(row for row in bi_tool.everything(admin, "dashboard") if row["id"] == board["id"])["dashboard_title"]
    assert title == board["dashboard_title"]


def test_colours_that_a_readers_page_offers_are_kept_nowhere(bi_tool: BiTool, analyst: httpx.Client):
    (board, *_) = bi_tool.everything(analyst, "dashboard")
    before = analyst.get(f"/api/v1/dashboard/{board['id']}").json()["result"]["json_metadata"]
    offered = {"color_scheme": "supersetColors", "label_colors": {"in": "#ff0000"}}
    assert analyst.put(f"/api/v1/dashboard/{board['id']}/colors?mark_updated=false", json=offered).status_code == 200
    assert analyst.get(f"/api/v1/dashboard/{board['id']}").json()["result"]["json_metadata"] == before


def test_not_even_the_administrator_writes_to_the_warehouse(bi_tool: BiTool, admin: httpx.Client):
    (connection,) = bi_tool.everything(admin, "database")
    found = admin.get(f"/api/v1/database/{connection['id']}/connection").json()["result"]
    assert found["sqlalchemy_uri"].startswith("postgresql+psycopg2://rollcall_bi_reader@")
    assert not any(found[name] for name in ("allow_dml", "allow_ctas", "allow_cvas", "expose_in_sqllab"))
    before = bi_tool.city.hash_of("marts", "dim_schools")
    for statement in (
        "delete from serve.dim_schools",
        "create table serve.mine (a int)",
        "select * from identity.person",
    ):
        body = {"database_id": connection["id"], "sql": statement, "schema": "serve", "runAsync": False}
        answer = admin.post("/api/v1/sqllab/execute/", json=body)
        assert answer.status_code >= 400, f"{statement}: {answer.text[:300]}"
    assert bi_tool.city.hash_of("marts", "dim_schools") == before


def test_every_answer_forbids_every_other_address(bi_tool: BiTool):
    answer = bi_tool.session().get("/login/")
    policy = answer.headers["content-security-policy"]
    assert "http" not in policy
    assert "'unsafe-eval'" not in policy
    assert re.search(r"script-src 'self' 'strict-dynamic' 'nonce-", policy)
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in answer.headers
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" in cookie


def test_no_page_names_a_tracker(bi_programs: None):
    assets = FOLDER / ".venv" / "lib" / "python3.11" / "site-packages" / "superset" / "static" / "assets"
    scripts = list(assets.glob("*.js"))
    assert len(scripts) > 100
    assert [path.name for path in scripts if "scarf.sh" in path.read_text(encoding="utf-8")] == []


def test_the_warehouses_password_lies_in_its_secret_file_only(bi_tool: BiTool, tmp_path: Path):
    password = bi_tool.bi.rollcall.secret("pg_bi_reader")
    dump = tmp_path / "metadata.sql"
    environment = {**os.environ, "PGPASSWORD": bi_tool.bi.rollcall.secret("pg_superset")}
    server = ["-h", "127.0.0.1", "-p", str(bi_tool.bi.rollcall.warehouse_port), "-U", "superset"]
    subprocess.run([wheel_binaries() / "pg_dump", *server, "-f", dump, "superset"], env=environment, check=True)
    assert "rollcall_bi_reader" in dump.read_text(encoding="utf-8")
    places = [dump, bi_tool.bi.rollcall.home / "run" / "bi.log", *bi_tool.bi.home.rglob("*")]
    for place in places:
        if place.is_file():
            assert password.encode() not in place.read_bytes(), place
    pid = (bi_tool.bi.rollcall.home / "run" / "bi.pid").read_text(encoding="utf-8")
    for name in ("cmdline", "environ"):
        assert password.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    assert bi_tool.bi.home.stat().st_mode & 0o077 == 0


def test_the_tools_own_login_sees_nothing_of_the_warehouse(bi_tool: BiTool):
    password = bi_tool.bi.rollcall.secret("pg_superset")
    address = f"host=127.0.0.1 port={bi_tool.bi.rollcall.warehouse_port} user=superset password={password}"
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"{address} dbname={bi_tool.bi.rollcall.warehouse_database}")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(bi_tool.bi.rollcall.dsn("bi_reader").rsplit("/", 1)[0] + "/superset")


@pytest.mark.parametrize("key", ["", "short", "thisISaSECRET_1234_CHANGE_ME_thisISaSECRET_1234", "a" * 64])
def test_a_default_or_short_key_is_refused(bi_programs: None, tmp_path: Path, key: str):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "superset_key").write_text(key, encoding="utf-8")
    (secrets / "pg_superset").write_text("x", encoding="utf-8")
    done = subprocess.run(
        [PROGRAMS / "python", "-c", "import bi.superset_config"],
        cwd=PROJECT_ROOT,
        env={"PYTHONPATH": "plugins:.", "ROLLCALL_HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "superset_key is short or a default one" in done.stderr


def test_a_person_reads_tables_away_and_the_excel_page_gives_a_login_that_reads(
    bi_tool: BiTool, analyst: httpx.Client, numbers: dict[str, int]
):
    body = {
        "datasource": {"id": numbers["Schools"], "type": "table"},
        "queries": [{"columns": ["school", "phase"], "metrics": ["schools_counted"], "row_limit": 100}],
        "result_format": "csv",
        "result_type": "full",
    }
    answer = analyst.post("/api/v1/chart/data", json=body)
    assert answer.status_code == 200, answer.text[:300]
    assert "Primary" in answer.text
    page = (PROJECT_ROOT / "docs" / "connect-excel-and-power-bi.md").read_text(encoding="utf-8")
    statements = re.search(r"```sql\n(create role.+?)```", page, re.DOTALL)
    assert statements is not None
    bi_tool.city.change(statements.group(1).replace(":'password'", "'a-password-of-hers'"))
    try:
        server = f"host=127.0.0.1 port={bi_tool.bi.rollcall.warehouse_port}"
        with psycopg.connect(f"{server} dbname=rollcall user=analyst_jones password=a-password-of-hers") as connection:
            assert connection.execute("select count(*) from dim_schools").fetchone() == (12,)
            assert connection.execute("show statement_timeout").fetchone() == ("15s",)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("create table serve.mine (a int)")
            connection.rollback()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from marts.dim_schools")
    finally:
        bi_tool.city.change("drop role analyst_jones")
