"""The city report as a person meets it: in a browser, on a phone, on paper, by keyboard and by screen reader."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import AXE_RULES, said_and_asked
from tests.story import Story
from tests.tiny_city import TinyCity

WIDTHS = (1280, 768, 360, 320)


@pytest.fixture(scope="module")
def report(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as it was published after the third night."""
    path = tmp_path_factory.mktemp("report") / "city-report.html"
    path.write_text(story.evenings[max(story.evenings)].report, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": WIDTHS[0], "height": 900}, bypass_csp=True)
    opened.goto(report.as_uri())
    yield opened
    opened.close()


def test_the_page_loads_without_an_error_and_asks_nobody_for_anything(browser: Browser, report: Path):
    assert said_and_asked(browser, report.as_uri()) == ([], [report.as_uri()])


def test_the_page_forbids_itself_every_script_and_every_address(report: Path):
    text = report.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "<script" not in text
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_does_not_scroll_sideways(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_the_accessibility_engine_finds_no_violation(page: Page, axe: str, width: int):
    page.set_viewport_size({"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    assert len(found["passes"]) > 20
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []


def test_every_chart_has_a_name_and_a_description(page: Page):
    charts = page.locator("figure svg[role=img]")
    assert charts.count() == page.locator("figure").count() >= 6
    for number in range(charts.count()):
        chart = charts.nth(number)
        ids = (chart.get_attribute("aria-labelledby") or "").split()
        words = [page.locator(f"[id='{name}']").first.text_content() or "" for name in ids]
        assert len(words) == 2
        assert all(len(text) > 20 for text in words)


def test_headings_make_one_outline_and_tables_name_their_columns(page: Page):
    assert page.locator("h1").count() == 1
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(item => Number(item.tagName[1]))")
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    tables = page.locator("table")
    assert tables.count() >= 12
    assert tables.count() == page.locator("table > caption").count()
    assert page.locator("thead th:not([scope=col])").count() == 0


def test_the_first_press_of_tab_leads_past_the_header(page: Page):
    page.bring_to_front()
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.getAttribute('href') === '#main'", timeout=5000)
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#main'", timeout=5000)


def test_the_page_says_first_that_everything_on_it_is_invented(page: Page):
    banner = page.locator(".synthetic")
    assert banner.is_visible()
    assert (banner.text_content() or "").startswith("Synthetic")
    box, title = banner.bounding_box(), page.locator("h1").bounding_box()
    assert box is not None
    assert title is not None
    assert box["y"] < title["y"]


def test_the_page_prints_whole_with_its_folded_tables(page: Page, tmp_path: Path):
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    data = (tmp_path / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 24
    page.emulate_media(media="print")
    assert page.locator("details table").first.is_visible()
    assert not page.locator(".skip").is_visible()


def test_the_page_can_be_read_at_twice_its_size(page: Page):
    # 200 % zoom of a browser 1,280 pixels wide leaves 640 of the page's own
    page.set_viewport_size({"width": 640, "height": 450})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    cut = page.evaluate(
        """[...document.querySelectorAll('h1, h2, p, li, dt, dd, figcaption')].filter(
            item => item.scrollWidth > item.clientWidth + 1 && getComputedStyle(item).overflow === 'hidden').length"""
    )
    assert cut == 0


def test_every_control_is_reached_by_the_keyboard_in_the_order_of_the_page(page: Page):
    page.bring_to_front()
    wanted = page.evaluate(
        """[...document.querySelectorAll('a[href], summary, [tabindex="0"]')].filter(
            item => item.tagName === 'SUMMARY' || !item.closest('details')).length"""
    )
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """(() => { const item = document.activeElement; item.dataset.reached = 'yes';
                    return item.getBoundingClientRect().top + scrollY })()"""
            )
        )
    assert page.locator("[data-reached]").count() == wanted > 25
    # the first one is the hidden link past the header
    assert all(after >= before - 2 for before, after in itertools.pairwise(reached[1:]) if abs(after - before) > 40)


def test_a_folded_table_opens_by_the_keyboard(page: Page):
    page.bring_to_front()
    page.locator("summary").first.focus()
    assert not page.locator("details table").first.is_visible()
    page.keyboard.press("Enter")
    assert page.locator("details table").first.is_visible()


def test_every_link_of_the_page_leads_to_a_place_on_it(page: Page):
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(item => item.getAttribute('href'))")
    assert len(links) > 12
    assert [link for link in links if not (link.startswith("#") and page.locator(link).count() == 1)] == []


def test_what_a_picture_tells_stands_in_a_table_beside_it(page: Page):
    for part in page.locator("section:has(figure)").all():
        assert part.locator("table").count() >= 1


def test_screenshots_are_written_for_whoever_looks(page: Page, pictures: Path):
    for name, width in (("desktop", 1280), ("phone", 360)):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=pictures / f"city-report-{name}.png", full_page=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    page.screenshot(path=pictures / "city-report-print.png", full_page=True)
    assert {path.name for path in pictures.glob("city-report-*.png")} >= {
        f"city-report-{name}.png" for name in ("desktop", "phone", "print")
    }
    assert all(path.stat().st_size > 50_000 for path in pictures.glob("city-report-*.png"))


@pytest.fixture(scope="module")
def index(tiny_city: TinyCity, story: Story) -> Path:
    """The list of everything published after the third night."""
    assert story.evenings
    return tiny_city.settings.published / "index.html"


def test_the_index_has_no_violation_asks_nobody_and_all_its_links_are_there(browser: Browser, axe: str, index: Path):
    page = browser.new_page(viewport={"width": 320, "height": 740}, bypass_csp=True)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(index.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []
    assert requests == [index.as_uri()]
    links = page.evaluate("[...document.querySelectorAll('li a')].map(item => item.getAttribute('href'))")
    inside = [link for link in links if "://" not in link]
    assert len(inside) >= 6
    assert [link for link in inside if not (index.parent / link).is_file()] == []
    page.close()


def test_the_paper_form_is_there_or_the_index_says_why_not(tiny_city: TinyCity, index: Path):
    paper = tiny_city.settings.published / "city-report.pdf"
    if paper.is_file():
        assert paper.read_bytes().startswith(b"%PDF")
    else:
        assert "No PDF: " in index.read_text(encoding="utf-8")


def test_each_school_that_is_not_in_stands_in_the_table_of_exceptions(page: Page, tiny_city: TinyCity):
    with tiny_city.as_role("bi_reader") as connection:
        rows = connection.execute(
            """
            select schools.school_name, quality.status
            from serve.fct_data_quality as quality
            inner join serve.dim_schools as schools on quality.urn = schools.urn
            where quality.night = (select night from serve.publication) and quality.status <> 'in'
            """
        ).fetchall()
    table = page.get_by_role("region", name="Schools not wholly in").locator("tbody tr")
    shown = {
        (html.unescape(cells[0]), cells[2])
        for cells in (row.locator("th, td").all_text_contents() for row in table.all())
    }
    assert rows
    assert shown == set(rows)
