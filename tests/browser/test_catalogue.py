"""The catalogue, the index and the operator's page in a browser: they load, ask nobody for anything, and are accessible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser, Page

from rollcall import nightly
from tests.browser.conftest import AXE_RULES
from tests.story import Story
from tests.tiny_city import NIGHTS, TinyCity, night_of

PAGES = (
    "index.html", "catalogue/README.html", "catalogue/marts.html", "catalogue/measures/absence.html",
    "catalogue/glossary.html", "catalogue/runbook/RC331.html", "tonight.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def published(tiny_city: TinyCity, story: Story) -> Path:
    """The published folder after the third night, with the operator's page beside it as a file."""
    folder = tiny_city.settings.published
    nightly.write_catalogue(night_of(NIGHTS[-1]))
    page = story.evenings[NIGHTS[-1]].operator_page
    (folder / "tonight.html").write_text(page.replace('href="pages/', 'href="'), encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", [*PAGES, "catalogue/lineage.html"])
def test_a_page_loads_without_an_error_and_asks_nobody_for_anything(published: Path, browser: Browser, name: str):
    page = browser.new_page()
    messages: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((published / name).as_uri(), wait_until="networkidle")
    assert messages == []
    assert [url for url in requests if not url.startswith(("data:", "file:", "blob:"))] == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_the_accessibility_engine_finds_no_violation(published: Path, page: Page, axe: str, name: str):
    page.goto((published / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    assert len(found["passes"]) > 10
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(published: Path, page: Page, name: str):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto((published / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_link_of_the_catalogue_leads_to_a_page_and_a_place(published: Path, page: Page):
    links: set[str] = set()
    for source in sorted((published / "catalogue").rglob("*.html")):
        if source.name == "lineage.html":
            continue
        page.goto(source.as_uri())
        links |= set(page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.href)"))
    lost = []
    places: dict[str, set[str]] = {}
    for link in sorted(links):
        parts = urlparse(link)
        file = Path(unquote(parts.path))
        if parts.scheme != "file" or not file.is_file():
            lost.append(link)
        elif parts.fragment:
            if str(file) not in places:
                page.goto(file.as_uri())
                places[str(file)] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(item => item.id)"))
            lost += [] if unquote(parts.fragment) in places[str(file)] else [link]
    assert len(links) > 100
    assert lost == []


def test_the_dictionary_has_every_column_of_every_published_mart(tiny_city: TinyCity, published: Path, page: Page):
    page.goto((published / "catalogue/marts.html").as_uri())
    shown = page.evaluate(
        """[...document.querySelectorAll('h2')].map(title => [title.id,
            [...title.nextElementSibling.nextElementSibling.querySelectorAll('tbody th code')]
                .map(item => item.textContent)])"""
    )
    columns = tiny_city.rows(
        "select table_name, array_agg(column_name::text order by ordinal_position) from information_schema.columns"
        " where table_schema in ('marts', 'reports') group by table_name"
    )
    assert {name: sorted(names) for name, names in shown} == {name: sorted(names) for name, names in columns}


def test_the_index_lists_the_catalogue_and_every_page_it_lists_is_there(published: Path):
    pages = json.loads((published / "pages.json").read_text(encoding="utf-8"))["pages"]
    assert {"catalogue/marts.html", "catalogue/glossary.html", "city-report.html"} <= {page["path"] for page in pages}
    inside = [page["path"] for page in pages if "://" not in page["path"]]
    assert [path for path in inside if not (published / path).is_file()] == []


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_written_for_whoever_looks(published: Path, page: Page, pictures: Path, name: str):
    page.goto((published / name).as_uri())
    for device, width in (("desktop", 1280), ("phone", 360)):
        page.set_viewport_size({"width": width, "height": 900})
        path = pictures / f"{name.removesuffix('.html').replace('/', '-')}-{device}.png"
        path.unlink(missing_ok=True)
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": 3000}, full_page=True)
        assert path.stat().st_size > 10_000
