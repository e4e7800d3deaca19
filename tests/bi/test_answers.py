"""What is kept of answers: the same for every analyst, gone with the next publication, asked anew by itself."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from bi.answers import Answers
from bi.benchmark import signed_in
from rollcall.settings import PROJECT_ROOT
from tests.bi.conftest import BiTool

PUBLICATION = "What these figures rest on"


@pytest.fixture(scope="module")
def reader(bi_tool: BiTool) -> httpx.Client:
    """An analyst's session, as a browser has it."""
    return signed_in(bi_tool.bi)


@pytest.fixture(scope="module")
def question(reader: httpx.Client) -> dict[str, Any]:
    """The question of the chart that names the publication."""
    charts = reader.get("/api/v1/dashboard/city-overview/charts").json()["result"]
    chart = next(one for one in charts if one["slice_name"] == PUBLICATION)
    dataset = int(str(chart["form_data"]["datasource"]).split("__")[0])
    query = {"columns": ["figures_to", "as_known_on"], "metrics": [], "row_limit": 10}
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_type": "full"}


def kept(bi_tool: BiTool) -> set[str]:
    """Editions and questions of which the answers are kept."""
    folder = Answers(bi_tool.bi).folder
    return {path.relative_to(folder).as_posix() for path in folder.glob("*/*")}


def test_a_question_is_answered_once_and_then_from_what_is_kept(
    bi_tool: BiTool, reader: httpx.Client, question: dict[str, Any]
):
    first = reader.post("/api/v1/chart/data", json=question)
    assert first.status_code == 200
    before = kept(bi_tool)
    assert before
    again = reader.post("/api/v1/chart/data", json=question)
    assert again.content == first.content
    assert kept(bi_tool) == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in Answers(bi_tool.bi).folder.glob("*/*"))


def test_nobody_but_an_analyst_is_answered_from_it(bi_tool: BiTool, reader: httpx.Client, question: dict[str, Any]):
    assert reader.post("/api/v1/chart/data", json=question).status_code == 200
    stranger = httpx.Client(base_url=bi_tool.base, timeout=60)
    answer = stranger.post("/api/v1/chart/data", json=question)
    assert answer.status_code in (302, 400, 401, 403)
    assert b"figures_to" not in answer.content


def test_a_publication_is_seen_at_once_and_what_was_asked_is_asked_anew(
    bi_tool: BiTool, reader: httpx.Client, question: dict[str, Any]
):
    before = reader.post("/api/v1/chart/data", json=question)
    old = {name.split("/")[0] for name in kept(bi_tool)}
    shown = bi_tool.city.value("select known_at from serve.publication")
    definition = bi_tool.city.value("select pg_get_viewdef('serve.publication'::regclass)")
    assert shown is not None
    assert definition
    columns = "night, known_at + interval '1 day' as known_at, published_at, code_version"
    moved = f"select {columns} from ({_bare(definition)}) as now"
    try:
        bi_tool.city.change(f"create or replace view serve.publication with (security_barrier) as {moved}")
        time.sleep(1.5)
        after = reader.post("/api/v1/chart/data", json=question)
        assert after.json()["result"][0]["data"] != before.json()["result"][0]["data"]
        asked = len(kept(bi_tool))
        end = time.monotonic() + 60
        while time.monotonic() < end and {name.split("/")[0] for name in kept(bi_tool)} & old:
            time.sleep(0.5)
        now = kept(bi_tool)
        assert not {name.split("/")[0] for name in now} & old, "the old edition is still kept"
        assert len(now) >= asked / 2
        assert len(now) > 1, "nothing was asked anew"
    finally:
        bi_tool.city.change(f"create or replace view serve.publication with (security_barrier) as {_bare(definition)}")


def _bare(definition: str) -> str:
    return definition.strip().rstrip(";")


def test_the_index_of_everything_published_lists_the_dashboards(bi_tool: BiTool):
    page = (bi_tool.city.settings.published / "index.html").read_text(encoding="utf-8")
    assert f'href="{bi_tool.base}/superset/dashboard/city-overview/"' in page


def test_built_scripts_come_compressed_and_are_kept_by_the_browser(bi_tool: BiTool):
    page = httpx.get(f"{bi_tool.base}/login/").text
    script = next(part.split('"')[0] for part in page.split('src="') if part.startswith("/static/assets/spa."))
    answer = httpx.get(bi_tool.base + script, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    plain = httpx.get(bi_tool.base + script, headers={"Accept-Encoding": "identity"})
    source = PROJECT_ROOT / "bi" / ".venv" / "lib"
    (original,) = source.glob(f"python*/site-packages/superset/static/assets/{script.rsplit('/', 1)[1]}")
    assert plain.content == original.read_bytes()
    assert httpx.get(f"{bi_tool.base}/static/assets/..%2f..%2fconfig.py").status_code == 404
