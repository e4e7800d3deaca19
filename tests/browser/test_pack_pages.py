"""Each kind of pack as its reader meets it: in a browser, on a phone, twice as large, by keyboard and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import AXE_RULES, said_and_asked
from tests.packs.kinds import KINDS, page_of

NAMES = [*KINDS, "names"]
CONTROLS = "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')]"
# what would scroll the page sideways, or is cut off without a box that scrolls
SPILLS = """[...document.querySelectorAll('main *, header *')].filter(item => {
    const box = item.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 1
        && !item.closest('.scroll[tabindex="0"]') && !item.closest('.skip') }).map(item => item.outerHTML.slice(0, 120))"""


@pytest.fixture
def page(browser: Browser, written: dict[str, list[Path]], name: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    opened.goto(page_of(written[name]).as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_opens_without_an_error_and_asks_nobody_for_anything(
    browser: Browser, written: dict[str, list[Path]], name: str
):
    address = page_of(written[name]).as_uri()
    assert said_and_asked(browser, address) == ([], [address])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1280, 320])
def test_the_accessibility_engine_finds_no_violation(page: Page, axe: str, width: int, name: str):
    page.set_viewport_size({"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    assert len(found["passes"]) > 15
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "zoom"), [(1280, 100), (640, 100), (360, 100), (320, 100), (1280, 200)])
def test_only_tables_and_charts_scroll_sideways_in_a_box_of_their_own(page: Page, width: int, zoom: int, name: str):
    """640 pixels are what a browser 1,280 wide leaves at 200 %; text alone may be made twice as large too."""
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    page.evaluate("zoom => { document.documentElement.style.fontSize = zoom + '%' }", zoom)
    page.set_viewport_size({"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SPILLS) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_reached_by_the_keyboard_and_shows_that_it_is(page: Page, name: str):
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    wanted = page.evaluate(f"{CONTROLS}.length")
    page.bring_to_front()
    unseen = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        unseen += page.evaluate(
            """(() => { const item = document.activeElement, style = getComputedStyle(item);
                item.dataset.reached = 'yes';
                const box = item.getBoundingClientRect();
                const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
                    && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
                return seen ? [] : [item.outerHTML.slice(0, 120)] })()"""
        )
    assert page.locator("[data-reached]").count() == wanted > 8
    assert unseen == []


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_place_on_the_page(page: Page, name: str):
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(item => item.getAttribute('href'))")
    assert len(links) > 5
    assert [link for link in links if not (link.startswith("#") and page.locator(link).count() == 1)] == []


@pytest.mark.parametrize("name", NAMES)
def test_print_keeps_every_table_on_the_paper_and_legible(page: Page, tmp_path: Path, name: str):
    page.pdf(path=tmp_path / "pack.pdf", prefer_css_page_size=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "pack.pdf").read_bytes())) <= 60
    page.emulate_media(media="print")
    # A4 less its margins at 96 pixels an inch: boards stand upright, lists of children lie across
    width = 688 if name.startswith("board") else 1062
    page.set_viewport_size({"width": width, "height": 700})
    tables = page.locator("table")
    assert tables.count() >= 2
    for number in range(tables.count()):
        box = tables.nth(number).bounding_box()
        assert box is not None
        assert box["height"] > 20
        # a browser shrinks what is wider than the paper: six points must be left
        size = float(tables.nth(number).evaluate("item => parseFloat(getComputedStyle(item).fontSize)"))
        assert size * min(1, width / box["width"]) >= 8, (tables.nth(number).get_attribute("id"), box["width"])
    assert not page.locator("nav").first.is_visible()
    assert page.locator(".synthetic").is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_written_for_whoever_looks(page: Page, pictures: Path, name: str):
    slug = name.replace(" ", "-")
    views = (("desktop", 1280, "screen"), ("phone", 320, "screen"), ("twice", 640, "screen"), ("print", 1016, "print"))
    for view, width, media in views:
        page.emulate_media(media=media)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        path = pictures / f"pack-{slug}-{view}.png"
        path.unlink(missing_ok=True)
        height = min(3500, page.evaluate("document.documentElement.scrollHeight"))
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True)
        assert path.stat().st_size > 20_000
