"""Editions, the index and the PDF: what is kept of each night, and that a machine without pango still has its page."""

from __future__ import annotations

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rollcall.city import City, load_city
from rollcall.report import pdf
from rollcall.report.editions import FOLLOWS, keep_editions, write_paper
from rollcall.report.index import Entry, register_pages
from rollcall.report.reading import Published
from rollcall.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(PROJECT_ROOT / "simulator" / "city")


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these tests are about files, not about their paper form."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)


def published(night: date) -> Published:
    return Published(night, datetime(night.year, night.month, night.day, 19, tzinfo=UTC), "0.1.0", "2025/26", None)


def publish(folder: Path, city: City, night: date, page: str) -> None:
    keep_editions(page, published(night), city, folder)
    write_paper(city, folder)


class PrintedPage:
    """In WeasyPrint's place: a PDF that says which page it was made of."""

    class urls:  # noqa: N801 # WeasyPrint's own name
        """The part of WeasyPrint that fetches nothing here."""

        @staticmethod
        def URLFetcher(**_: object) -> None:  # WeasyPrint's own name
            """No fetcher: the page holds everything."""

    class HTML:
        """A page to print."""

        def __init__(self, string: str, url_fetcher: object) -> None:
            self._page = string

        def write_pdf(self, path: Path) -> None:
            """The page's own text as its PDF."""
            path.write_text(f"pdf of {self._page}")


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", PrintedPage)


def links(folder: Path) -> set[str]:
    return set(re.findall(r'href="([^"#]+\.(?:html|pdf))"', (folder / "index.html").read_text()))


def test_a_night_is_kept_and_its_week_and_term_hold_their_last_night(tmp_path: Path, city: City):
    for night in (date(2026, 7, 2), date(2026, 7, 3), date(2026, 7, 6)):
        publish(tmp_path, city, night, f"page of {night}")
    editions = tmp_path / "editions"
    assert (tmp_path / "city-report.html").read_text() == "page of 2026-07-06"
    assert (editions / "city-report-2026-07-02.html").read_text() == "page of 2026-07-02"
    assert (editions / "weekly" / "city-report-2026-W27.html").read_text() == "page of 2026-07-03"
    assert (editions / "weekly" / "city-report-2026-W28.html").read_text() == "page of 2026-07-06"
    assert (editions / "termly" / "city-report-2025-26-summer.html").read_text() == "page of 2026-07-06"


def test_an_earlier_night_published_again_replaces_its_own_edition_only(tmp_path: Path, city: City):
    publish(tmp_path, city, date(2026, 7, 3), "later")
    publish(tmp_path, city, date(2026, 7, 2), "earlier, again")
    assert (tmp_path / "editions" / "city-report-2026-07-02.html").read_text() == "earlier, again"
    assert (tmp_path / "editions" / "weekly" / "city-report-2026-W27.html").read_text() == "later"
    assert (tmp_path / "editions" / "termly" / "city-report-2025-26-summer.html").read_text() == "later"


def test_writing_a_night_again_changes_no_byte(tmp_path: Path, city: City):
    publish(tmp_path, city, date(2026, 7, 3), "page")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    publish(tmp_path, city, date(2026, 7, 3), "page")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.rglob("*.part"))


def test_the_index_lists_every_edition_and_what_others_register(tmp_path: Path, city: City):
    publish(tmp_path, city, date(2026, 7, 2), "page")
    publish(tmp_path, city, date(2026, 7, 3), "page")
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "one.html").write_text("pack")
    register_pages(tmp_path, city, [Entry("Packs", "School <one>", "packs/one.html", "2026-07-03")])
    index = (tmp_path / "index.html").read_text()
    links = re.findall(r'<li><a href="([^"]+)"', index)
    assert links == [
        "city-report.html",
        "editions/termly/city-report-2025-26-summer.html",
        "editions/weekly/city-report-2026-W27.html",
        "editions/city-report-2026-07-03.html",
        "editions/city-report-2026-07-02.html",
        "packs/one.html",
    ]
    assert all((tmp_path / link).is_file() for link in links)
    assert "School &lt;one&gt;" in index
    assert "Synthetic" in index


@pytest.mark.parametrize("why", ["not installed", "no pango"])
def test_without_pango_there_is_the_page_and_one_line_that_says_why_there_is_no_pdf(
    tmp_path: Path, city: City, monkeypatch: pytest.MonkeyPatch, why: str
):
    def fail(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'") if why == "no pango" else ImportError(name)

    monkeypatch.setattr(pdf, "import_module", fail)
    (tmp_path / "city-report.pdf").write_bytes(b"of an older night")
    publish(tmp_path, city, date(2026, 7, 3), "page")
    assert (tmp_path / "city-report.html").read_text() == "page"
    assert not (tmp_path / "city-report.pdf").exists()
    manifest = json.loads((tmp_path / "city-report.json").read_text())
    assert manifest["pdf"].startswith("No PDF: ")
    assert manifest["pdf"] in (tmp_path / "index.html").read_text()


@pytest.mark.usefixtures("printer")
def test_one_pdf_serves_every_edition_of_the_night_and_no_earlier_one(tmp_path: Path, city: City):
    publish(tmp_path, city, date(2026, 7, 2), "first")
    publish(tmp_path, city, date(2026, 7, 3), "second")
    editions = tmp_path / "editions"
    second = [tmp_path / "city-report.pdf", editions / "city-report-2026-07-03.pdf"]
    second += [editions / "weekly" / "city-report-2026-W27.pdf", editions / "termly" / "city-report-2025-26-summer.pdf"]
    assert {path: path.read_text() for path in second} == dict.fromkeys(second, "pdf of second")
    assert (editions / "city-report-2026-07-02.pdf").read_text() == "pdf of first"
    manifest = json.loads((tmp_path / "city-report.json").read_text())
    assert manifest["pdf"] == "city-report.pdf"
    assert {path.relative_to(tmp_path).as_posix() for path in second} <= links(tmp_path)
    assert FOLLOWS not in (tmp_path / "index.html").read_text()


@pytest.mark.usefixtures("printer")
def test_until_the_pdf_is_there_no_other_nights_pdf_lies_beside_the_page(tmp_path: Path, city: City):
    publish(tmp_path, city, date(2026, 7, 2), "first")
    keep_editions("second", published(date(2026, 7, 3)), city, tmp_path)
    assert (tmp_path / "city-report.html").read_text() == "second"
    pdfs = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.pdf")}
    assert pdfs == {"editions/city-report-2026-07-02.pdf"}
    assert {link for link in links(tmp_path) if link.endswith(".pdf")} == pdfs
    assert FOLLOWS in (tmp_path / "index.html").read_text()
    write_paper(city, tmp_path)
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    publish(tmp_path, city, date(2026, 7, 3), "second")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == whole


def test_pages_that_are_registered_at_the_same_time_are_all_in_the_index(tmp_path: Path, city: City):
    def register(number: int) -> None:
        page = tmp_path / f"page-{number}.html"
        page.write_text("page")
        register_pages(tmp_path, city, [Entry("Pages", f"Page {number}", page.name, "2026-07-03")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(40)))
    assert {f"page-{number}.html" for number in range(40)} <= links(tmp_path)
