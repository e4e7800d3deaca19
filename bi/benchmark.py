"""How fast the running BI tool is with ten people at once: `python -m bi.benchmark`. Prints a table; asks, changes nothing.

*Chart*: one chart's query through the chart data interface, past the cache and from it. *Dashboard*: everything that a
browser asks of the server to show it, all charts past the cache, until the last answer. Drawing comes on top: it is
measured with one browser, which has nothing in its cache.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import click
import httpx

from bi.build.dashboards import dashboards
from bi.settings import BiSettings, load_bi_settings

_DRAWN: Final = """count => document.querySelectorAll('.slice_container').length >= count
    && !document.querySelector('.dashboard-component-chart-holder [data-test=loading-indicator]')
    && !document.querySelector('.dashboard-component-chart-holder .loading')"""


def signed_in(bi: BiSettings) -> httpx.Client:
    """A client with many connections, signed in as an analyst."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    client = httpx.Client(base_url=bi.base_url, timeout=120, limits=limits)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    if token is None:
        raise click.ClickException("The login page has no token; is the BI tool up?")
    password = bi.rollcall.secret("superset_analyst_password")
    form = {"username": "analyst", "password": password, "csrf_token": token.group(1)}
    client.post("/login/", data=form)
    client.get("/api/v1/me/").raise_for_status()
    return client


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def at_once(users: int, jobs: list[Callable[[], object]]) -> list[float]:
    """Seconds of each job where so many people work through them together."""
    with ThreadPoolExecutor(users) as people:
        return list(people.map(timed, jobs))


def row(name: str, seconds: list[float]) -> str:
    """One line of the table: how many, median, 95th percentile, longest; milliseconds."""
    ordered = sorted(seconds)
    at_95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    cells = (name, len(ordered), *(f"{1000 * value:.0f}" for value in (statistics.median(ordered), at_95, ordered[-1])))
    return f"| {' | '.join(map(str, cells))} |"


@click.command()
@click.option("--users", default=10, show_default=True, help="People at once.")
@click.option("--rounds", default=3, show_default=True, help="How often each is repeated.")
def main(users: int, rounds: int) -> None:
    """Measure the running BI tool."""
    bi = load_bi_settings()
    client = signed_in(bi)
    charts = {slug: client.get(f"/api/v1/dashboard/{slug}/charts").json()["result"] for slug in dashboards()}

    def chart(number: int, *, force: bool) -> Callable[[], Any]:
        address = f"/api/v1/chart/{number}/data/"
        return lambda: client.get(address, params={"force": str(force).lower()}).raise_for_status()

    def dashboard(slug: str) -> Callable[[], Any]:
        def load() -> None:
            for path in (
                f"/superset/dashboard/{slug}/",
                f"/api/v1/dashboard/{slug}",
                f"/api/v1/dashboard/{slug}/datasets",
            ):
                client.get(path).raise_for_status()
            with ThreadPoolExecutor(6) as browser:  # a browser opens six connections to a server
                list(browser.map(lambda work: work(), [chart(one["id"], force=True) for one in charts[slug]]))

        return load

    numbers = [one["id"] for of_one in charts.values() for one in of_one]
    at_once(users, [chart(number, force=False) for number in numbers])
    load_before = os.getloadavg()[0]
    click.echo(f"{os.cpu_count()} cores, load before {load_before:.1f}, {users} at once, {len(numbers)} charts")
    click.echo("| what | n | median ms | p95 ms | longest ms |\n|---|---|---|---|---|")
    past = at_once(users, [chart(number, force=True) for number in numbers * rounds])
    click.echo(row("chart, past the cache", past))
    at_once(users, [chart(number, force=False) for number in numbers])
    click.echo(row("chart, from the cache", at_once(users, [chart(number, force=False) for number in numbers])))
    click.echo(row("chart, past the cache, one person", at_once(1, [chart(number, force=True) for number in numbers])))
    for slug, board in dashboards().items():
        click.echo(row(f"dashboard *{board.title}*", at_once(users, [dashboard(slug)] * users)))
    for title, seconds in browsers_eye(bi).items():
        click.echo(row(f"*{title}* drawn in one browser, cold", [seconds]))


def browsers_eye(bi: BiSettings) -> dict[str, float]:
    """Seconds from the address to the last drawn chart, in a browser that has nothing cached; by dashboard."""
    from playwright.sync_api import sync_playwright

    found: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        first = browser.new_context()
        page = first.new_page()
        page.goto(f"{bi.base_url}/login/")
        page.locator("[data-test=username-input], input[name=username], #username").first.fill("analyst")
        page.locator("input[type=password]").fill(bi.rollcall.secret("superset_analyst_password"))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url, timeout=60_000)
        state = first.storage_state()
        for slug, board in dashboards().items():
            context = browser.new_context(storage_state=state, viewport={"width": 1400, "height": 4000})
            page = context.new_page()
            started = time.perf_counter()
            page.goto(f"{bi.base_url}/superset/dashboard/{slug}/")
            page.wait_for_function(_DRAWN, arg=len(board.charts), timeout=120_000)
            found[board.title] = time.perf_counter() - started
            context.close()
        browser.close()
    return found


if __name__ == "__main__":
    main()
