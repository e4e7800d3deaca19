"""The dashboards as an analyst meets them: in a browser, every chart drawn, nothing asked of anybody else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from bi.build.dashboards import Dashboard, dashboards
from rollcall.settings import PROJECT_ROOT
from tests.bi.conftest import BiTool

AXE = PROJECT_ROOT / "tests" / "browser"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
CHART = ".dashboard-component-chart-holder:has(.slice_container)"


@dataclass
class Seen:
    """What a page did besides being shown."""

    problems: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("These tests open the dashboards in a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility engine's source, installed from the lock file where it is missing."""
    source = AXE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=AXE, check=True, capture_output=True)
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def context(browser: Browser, bi_tool: BiTool) -> Iterator[BrowserContext]:
    """A browser in which an analyst has signed in by the form."""
    made = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB", timezone_id="Europe/London")
    page = made.new_page()
    page.goto(f"{bi_tool.base}/login/")
    page.locator("[data-test=username-input], input[name=username], #username").first.fill("analyst")
    page.locator("input[type=password]").fill(bi_tool.password("analyst"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url, timeout=60_000)
    page.close()
    yield made
    made.close()


def opened(context: BrowserContext, bi_tool: BiTool, board: Dashboard, seen: Seen) -> Page:
    """The dashboard, in a window high enough to hold all of it, when its last chart has come."""
    page = context.new_page()
    page.on("console", lambda said: seen.problems.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    page.on("response", lambda answer: seen.problems.append(answer.url) if answer.status >= 400 else None)
    page.on("request", lambda asked: seen.outside.append(asked.url) if _is_outside(asked.url, bi_tool.base) else None)
    page.set_viewport_size({"width": 1400, "height": 4000})
    page.goto(f"{bi_tool.base}/superset/dashboard/{board.slug}/")
    page.wait_for_selector(".dashboard-component-chart-holder", timeout=60_000)
    page.wait_for_function(
        """count => document.querySelectorAll('.dashboard-component-chart-holder .slice_container').length >= count
            && !document.querySelector('.dashboard-component-chart-holder [data-test=loading-indicator]')
            && !document.querySelector('.dashboard-component-chart-holder .loading')""",
        arg=len(board.charts),
        timeout=90_000,
    )
    page.wait_for_timeout(1500)
    return page


def number(page: Page, title: str) -> Locator:
    """The drawn figure of a tile: never a table that has the same word as a heading, nor a tile that still waits."""
    holder = page.locator(".dashboard-component-chart-holder", has=page.get_by_text(title, exact=True))
    return holder.locator(".header-line")


def _is_outside(url: str, base: str) -> bool:
    return not url.startswith((f"{base}/", "data:", "blob:"))


@pytest.mark.parametrize("slug", dashboards())
def test_a_dashboard_shows_every_chart_and_asks_nobody_else(
    context: BrowserContext, bi_tool: BiTool, axe: str, pictures: Path, slug: str
):
    board, seen = dashboards()[slug], Seen()
    page = opened(context, bi_tool, board, seen)
    picture = pictures / f"bi-{slug}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 50_000
    holders = page.locator(CHART)
    assert holders.count() == len(board.charts)
    texts = holders.all_inner_texts()
    for chart in board.charts:
        assert any(chart.title in text for text in texts), f"{chart.title} is not on the page"
    for text in texts:
        assert not re.search(r"unexpected error|data error|timeout|NaN|undefined|\[object", text, re.IGNORECASE), text[
            :300
        ]
    drawn = holders.locator("canvas, svg.chart, table, .header-line, .superset-legacy-chart-big-number, [class*=empty]")
    assert drawn.count() >= len(board.charts)
    assert "Synthetic: every school and child is invented" in texts[0]
    assert "11 of 11" in texts[0]
    assert seen.outside == []
    assert seen.problems == []
    _check_accessibility(page, axe)
    page.close()


def _check_accessibility(page: Page, axe: str) -> None:
    # the page's own policy forbids a foreign script; the engine is brought in past it, as a browser extension would be
    page.evaluate(axe)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    ask = "([where, rules]) => axe.run(where, {runOnly: rules, resultTypes: ['violations']})"
    whole: dict[str, Any] = page.evaluate(ask, ["body", rules])
    found = {item["id"]: [node["html"][:120] for node in item["nodes"][:3]] for item in whole["violations"]}
    assert found == {}


def test_a_school_page_asks_for_one_school_from_the_first_query_on(context: BrowserContext, bi_tool: BiTool):
    board, seen = dashboards()["school"], Seen()
    bodies: list[str] = []
    context.on("request", lambda asked: bodies.append(asked.post_data or "") if "chart/data" in asked.url else None)
    page = opened(context, bi_tool, board, seen)
    asked = [body for body in bodies if '"col":"school"' in body]
    of_schools = [body for body in bodies if '"school' in body or "urn" in body]
    first = bi_tool.city.value("select min(school_name) from serve.dim_schools")
    assert asked, "no chart was filtered"
    assert all(first in body for body in asked)
    rate = bi_tool.city.value(
        "select absence.absence_rate from serve.agg_school_absence as absence"
        " inner join serve.dim_schools using (urn) where school_name = %s and period_type = 'year'",
        [first],
    )
    shown = page.locator(CHART, has_text="Absence rate").first.inner_text()
    assert f"{100 * rate:.1f}%" in shown
    assert of_schools
    page.close()


def test_a_filter_changes_the_figures_to_the_warehouses(context: BrowserContext, bi_tool: BiTool):
    page = opened(context, bi_tool, dashboards()["city-overview"], Seen())
    page.get_by_test_id("NATIVE_FILTER-phase").click()
    page.keyboard.type("Secondary")
    page.locator(".ant-select-item-option", has_text="Secondary").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Apply").first.click()
    expected = bi_tool.city.value(
        "select absence_rate from serve.agg_phase_absence where dfe_phase = 'Secondary' and period_type = 'year'"
    )
    tile = number(page, "Absence rate")
    tile.get_by_text(f"{100 * expected:.1f}%").wait_for(timeout=30_000)
    page.close()


def test_a_click_on_a_value_filters_the_other_charts_and_a_second_click_frees_them(
    context: BrowserContext, bi_tool: BiTool, pictures: Path
):
    page = opened(context, bi_tool, dashboards()["city-overview"], Seen())
    ward, inside, everywhere = _a_ward_unlike_the_city(bi_tool)
    tile = number(page, "Absence rate")
    tile.get_by_text(everywhere, exact=True).wait_for(timeout=30_000)
    cell = page.locator(CHART, has_text="Wards of the schools").locator(
        "td", has_text=re.compile(f"^{re.escape(ward)}$")
    )
    cell.click()
    tile.get_by_text(inside, exact=True).wait_for(timeout=30_000)
    page.screenshot(path=pictures / "bi-cross-filter.png")
    cell.click()
    tile.get_by_text(everywhere, exact=True).wait_for(timeout=30_000)
    page.close()


def _a_ward_unlike_the_city(bi_tool: BiTool) -> tuple[str, str, str]:
    """A ward whose absence rate of the year to date reads otherwise than the city's; and both, as SQL has them."""
    rates = (
        "select {name} as name, sum(sessions_absent)::numeric / sum(sessions_possible) as rate"
        " from serve.agg_school_absence inner join serve.dim_schools using (urn)"
        " where period_type = 'year' and academic_year = (select max(academic_year) from serve.agg_school_absence)"
        " group by 1 having sum(sessions_possible) > 0 order by 2 desc"
    )
    ((_, city),) = bi_tool.city.rows(rates.format(name="'city'"))
    wards = bi_tool.city.rows(rates.format(name="ward_name"))
    read = {name: f"{100 * rate:.1f}%" for name, rate in wards}
    ward = next(name for name, text in read.items() if text != f"{100 * city:.1f}%")
    return ward, read[ward], f"{100 * city:.1f}%"


def test_filters_and_chart_menus_are_used_by_keyboard_alone(context: BrowserContext, bi_tool: BiTool, pictures: Path):
    page = opened(context, bi_tool, dashboards()["city-overview"], Seen())
    described = (
        "() => { const at = document.activeElement; const box = at.closest('[data-test^=NATIVE_FILTER]') ;"
        " return [at.closest('.filter-bar, [data-test=filter-bar], .ant-select') ? 'filter' : '',"
        " at.getAttribute('aria-label') || '', at.closest('.dashboard-component-chart-holder') ? 'chart' : '']; }"
    )
    met = []
    for _ in range(80):
        page.keyboard.press("Tab")
        met.append(page.evaluate(described))
        if met[-1][2] and "More Options" in met[-1][1]:
            break
    assert any(where[0] for where in met), "no filter is reached by the tabulator"
    assert met[-1][2], "no chart's menu is reached by the tabulator"
    page.screenshot(path=pictures / "bi-keyboard-focus.png")
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="View as table").wait_for(timeout=10_000)
    page.close()


def test_a_login_page_says_nothing_of_the_data(browser: Browser, bi_tool: BiTool, pictures: Path):
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(f"{bi_tool.base}/superset/dashboard/city-overview/", wait_until="networkidle")
    assert "/login" in page.url
    page.screenshot(path=pictures / "bi-login.png")
    text = page.content()
    assert not any(title in text for title in ("absence", "Persistently", "Primary School"))
    stranger.close()
