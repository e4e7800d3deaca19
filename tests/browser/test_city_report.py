"""The city report as a person meets it: in a browser, on a phone, on paper, by keyboard and by screen reader."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.story import Story
from tests.tiny_city import TinyCity

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
WIDTHS = (1280, 768, 360)
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("These tests open the report in a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility engine's source, installed from the lock file where it is missing."""
    source = HERE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)
    return source.read_text(encoding="utf-8")


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
    page = browser.new_page()
    messages: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri(), wait_until="networkidle")
    assert messages == []
    assert [url for url in requests if not url.startswith("data:")] == [report.as_uri()]
    page.close()


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
    assert charts.count() == page.locator("figure").count() >= 2
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
    assert tables.count() >= 4
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
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 12
    page.emulate_media(media="print")
    assert page.locator("details table").first.is_visible()
    assert not page.locator(".skip").is_visible()


def percent(part: Any, whole: Any) -> str:
    return str((Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def served(tiny_city: TinyCity, query: str) -> list[tuple[Any, ...]]:
    with tiny_city.as_role("bi_reader") as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows


@pytest.fixture(scope="module")
def fresh(browser: Browser, tiny_city: TinyCity, story: Story) -> Iterator[Page]:
    """The page of whatever is published now, beside which the views of ``serve`` can be read."""
    from rollcall.nightly import write_reports

    assert story.evenings
    write_reports()
    opened = browser.new_page()
    opened.goto((tiny_city.settings.published / "city-report.html").as_uri())
    yield opened
    opened.close()


def test_the_headline_numbers_are_those_that_serve_gives(fresh: Page, tiny_city: TinyCity):
    row = served(
        tiny_city,
        """
        select sum(dfe_sessions_absent), sum(dfe_sessions_possible), sum(dfe_enrolments_persistently_absent),
            sum(dfe_enrolments_severely_absent), sum(dfe_enrolments)
        from serve.agg_phase_absence
        where period_type = 'year' and dfe_phase in ('Primary', 'Secondary', 'Special')
        """,
    )[0]
    absent, possible, persistent, severe, children = row
    shown = [text.strip() for text in fresh.locator(".headline strong").all_text_contents()]
    assert shown == [
        f"{percent(absent, possible)} %",
        f"{percent(persistent, children)} %",
        f"{percent(severe, children)} %",
    ]


def test_the_row_of_every_phase_is_what_serve_gives(fresh: Page, tiny_city: TinyCity):
    rows = served(
        tiny_city,
        """
        select dfe_phase, schools_in, schools_expected, enrolments, sessions_known, sessions_expected, sessions_absent,
            sessions_possible
        from serve.agg_phase_absence where period_type = 'year'
        """,
    )
    table = fresh.get_by_role("region", name="Phases").locator("tbody tr")
    shown = {cells[0]: cells[1:5] for cells in (row.locator("th, td").all_text_contents() for row in table.all())}
    assert len(rows) >= 4
    # a phase of one school would show that school's own figures
    assert shown == {
        phase: [
            f"{came} of {expected}",
            "c" if expected == 1 else f"{enrolments:,}",
            percent(known, due),
            "c" if expected == 1 else percent(absent, possible),
        ]
        for phase, came, expected, enrolments, known, due, absent, possible in rows
        if enrolments >= 23
    }
    assert any(cells[1] == "c" for cells in shown.values())
    assert any(cells[1] != "c" for cells in shown.values())


def test_every_week_of_the_chart_is_in_the_table_with_its_rate(fresh: Page, tiny_city: TinyCity):
    rows = served(
        tiny_city,
        """
        select first_week, sessions_absent, sessions_possible, sessions_known, sessions_expected
        from serve.agg_city_absence where period_type = 'week' and sessions_possible > 0 order by first_week
        """,
    )
    table = fresh.locator("details tbody tr")
    shown = [row.locator("th, td").all_text_contents() for row in table.all()]
    assert len(rows) > 30
    assert [(cells[1], cells[4]) for cells in shown] == [
        (percent(absent, possible), percent(known, due)) for _, absent, possible, known, due in rows
    ]


def test_each_school_that_is_not_in_stands_in_the_table_of_exceptions(fresh: Page, tiny_city: TinyCity):
    rows = served(
        tiny_city,
        """
        select schools.school_name, quality.status
        from serve.fct_data_quality as quality
        inner join serve.dim_schools as schools on quality.urn = schools.urn
        where quality.night = (select night from serve.publication) and quality.status <> 'in'
        """,
    )
    table = fresh.get_by_role("region", name="Schools not wholly in").locator("tbody tr")
    shown = {
        (html.unescape(cells[0]), cells[2])
        for cells in (row.locator("th, td").all_text_contents() for row in table.all())
    }
    assert rows
    assert shown == set(rows)
