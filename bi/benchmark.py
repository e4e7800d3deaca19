"""How long a reader of the running BI tool waits: `python -m bi.benchmark`. Prints tables; forgets kept answers as it goes.

*Drawn*: from the address to the moment when every chart on the first screen (1400 x 900) stands, in a real browser:
first visit (nothing kept anywhere: a new browser, no answer kept by the tool), no data kept (the browser has the tool's
scripts, the tool no answer), after the warm-up in a new browser, and after it in a browser that was here before.
*Ten at once*: everything that one such load asks of the server, asked by ten readers together, each over six connections
as a browser does, until the last answer; drawing happens on ten other machines. Beside the time: the processor time that
the tool's processes spent on a load, which other work on the machine does not change.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click
import httpx
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from bi.answers import Answers
from bi.build.dashboards import dashboards
from bi.settings import BiSettings, load_bi_settings

_SCREEN: Final = {"width": 1400, "height": 900}
_CONNECTIONS: Final = 6
_DRAWN: Final = """() => {
    const shown = [...document.querySelectorAll('[data-test-chart-id]')]
        .filter(one => one.getBoundingClientRect().top < window.innerHeight);
    return shown.length > 1 && shown.every(one => one.querySelector('.slice_container')
        && !one.querySelector('[data-test=loading-indicator], .loading'));
}"""


@dataclass(frozen=True)
class Asked:
    """One request of a browser."""

    method: str
    path: str
    body: str
    kind: str

    @property
    def wave(self) -> int:
        """The page, then its scripts and styles, then what they ask for."""
        return 0 if self.kind == "document" else 1 if self.path.startswith("/static/") else 2


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


def processor_seconds(bi: BiSettings) -> float:
    """Seconds of processor time that the tool's processes have spent so far; 0 where they are on another machine."""
    found = {
        listener.pid
        for listener in psutil.net_connections("tcp")
        if listener.status == psutil.CONN_LISTEN and listener.laddr.port == bi.port and listener.pid
    }
    times = [psutil.Process(pid).cpu_times() for pid in found]
    return sum(one.user + one.system for one in times)


def forget(bi: BiSettings) -> None:
    """Forget every kept answer, as on the tool's first day."""
    shutil.rmtree(Answers(bi).folder, ignore_errors=True)


def row(name: str, seconds: list[float], processor: float | None) -> str:
    """One line of the table: how many, median, 95th percentile, longest, in ms; processor time of a load, in ms."""
    ordered = sorted(seconds)
    at_95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    values = (statistics.median(ordered), at_95, ordered[-1])
    cells = [name, str(len(ordered)), *(f"{1000 * value:.0f}" for value in values)]
    return f"| {' | '.join([*cells, '' if processor is None else f'{1000 * processor / len(ordered):.0f}'])} |"


class Readers:
    """Browsers and clients that open the dashboards of one installation."""

    def __init__(self, bi: BiSettings, browser: Browser) -> None:
        self._bi, self._browser = bi, browser
        with self._context(None) as context:
            page = context.new_page()
            page.goto(f"{bi.base_url}/login/")
            page.locator("[data-test=username-input], input[name=username], #username").first.fill("analyst")
            page.locator("input[type=password]").fill(bi.rollcall.secret("superset_analyst_password"))
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login" not in url, timeout=60_000)
            self._session = context.storage_state()

    @contextmanager
    def _context(self, session: Any) -> Iterator[BrowserContext]:
        context = self._browser.new_context(storage_state=session, viewport=_SCREEN)
        try:
            yield context
        finally:
            context.close()

    def _draw(self, context: BrowserContext, slug: str, note: Callable[[Request], None] | None = None) -> float:
        page: Page = context.new_page()
        if note:
            page.on("request", note)
        started = time.perf_counter()
        page.goto(f"{self._bi.base_url}/superset/dashboard/{slug}/", wait_until="commit")
        page.wait_for_function(_DRAWN, timeout=120_000)
        seconds = time.perf_counter() - started
        page.wait_for_load_state("networkidle")
        page.close()
        return seconds

    def drawn(self, slug: str, loads: int, *, new_browser: bool, is_kept: bool) -> tuple[list[float], float]:
        """Seconds of each load and processor seconds of all, one reader after the other."""
        seconds, spent = [], 0.0
        with self._context(self._session) as same:
            if not new_browser:
                self._draw(same, slug)
            for _ in range(loads):
                if not is_kept:
                    forget(self._bi)
                before = processor_seconds(self._bi)
                if new_browser:
                    with self._context(self._session) as new:
                        seconds.append(self._draw(new, slug))
                else:
                    seconds.append(self._draw(same, slug))
                spent += processor_seconds(self._bi) - before
        return seconds, spent

    def recorded(self, slug: str) -> list[Asked]:
        """What a new browser asks of the server to show a dashboard."""
        found: list[Asked] = []

        def note(request: Request) -> None:
            path = request.url.removeprefix(self._bi.base_url)
            if path.startswith("/") and "/superset/log/" not in path and "filter_state" not in path:
                found.append(Asked(request.method, path, request.post_data or "", request.resource_type))

        with self._context(self._session) as context:
            self._draw(context, slug, note)
        return found


@dataclass(frozen=True)
class Together:
    """Seconds of each reader's whole page and of each chart's query, and the tool's processor seconds of all."""

    pages: list[float]
    charts: list[float]
    processor: float


def at_once(bi: BiSettings, client: httpx.Client, load: list[Asked], readers: int) -> Together:
    """Let so many readers open the same dashboard together."""
    charts: list[float] = []

    def ask(one: Asked) -> None:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "br, gzip", "Referer": bi.base_url}
        started = time.perf_counter()
        client.request(one.method, one.path, content=one.body or None, headers=headers).raise_for_status()
        if one.path.startswith("/api/v1/chart/data"):
            charts.append(time.perf_counter() - started)

    def read(_: int) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(_CONNECTIONS) as connections:
            for wave in range(3):
                list(connections.map(ask, [one for one in load if one.wave == wave]))
        return time.perf_counter() - started

    before = processor_seconds(bi)
    with ThreadPoolExecutor(readers) as people:
        pages = list(people.map(read, range(readers)))
    return Together(pages, charts, processor_seconds(bi) - before)


@click.command()
@click.option("--readers", default=10, show_default=True, help="Readers at once.")
@click.option("--loads", default=3, show_default=True, help="Loads of each dashboard, of each kind.")
@click.option("--only", multiple=True, help="Slugs of the dashboards to measure; all without it.")
def main(readers: int, loads: int, only: tuple[str, ...]) -> None:
    """Measure the running BI tool."""
    bi = load_bi_settings()
    client = signed_in(bi)
    slugs = list(only or dashboards())
    click.echo(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}, {loads} loads of {', '.join(slugs)}")
    click.echo("| what | n | median ms | p95 ms | longest ms | tool's processor ms a load |\n|---|---|---|---|---|---|")
    kinds = {
        "first visit, nothing kept": (True, False),
        "no data kept": (False, False),
        "warm, new browser": (True, True),
        "warm, same browser": (False, True),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        people = Readers(bi, browser)
        for name, (new_browser, is_kept) in kinds.items():
            every: list[float] = []
            spent = 0.0
            for slug in slugs:
                if is_kept:
                    people.recorded(slug)
                seconds, processor = people.drawn(slug, loads, new_browser=new_browser, is_kept=is_kept)
                click.echo(row(f"{slug}: {name}", seconds, processor))
                every, spent = every + seconds, spent + processor
            click.echo(row(f"**all: {name}**", every, spent))
        recorded = {slug: people.recorded(slug) for slug in slugs}
        browser.close()
    charts: dict[str, list[float]] = {"nothing kept": [], "warm": []}
    for slug, load in recorded.items():
        forget(bi)
        for kept, of_kind in charts.items():
            told = at_once(bi, client, load, readers)
            click.echo(row(f"{slug}: {readers} at once, {kept}, answers only", told.pages, told.processor))
            of_kind.extend(told.charts)
    for kept, of_kind in charts.items():
        click.echo(row(f"**a chart's query, {readers} at once, {kept}**", of_kind, None))
    click.echo(f"load after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
