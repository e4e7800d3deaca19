"""The pages of ``docs/`` and the data dictionary as HTML, linked with each other and with nothing outside."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rollcall.city import City
from rollcall.report.catalogue.dictionary import Mart
from rollcall.report.index import Entry, register_pages
from rollcall.report.templating import page_environment
from rollcall.settings import PROJECT_ROOT

DOCS: Final = PROJECT_ROOT / "docs"
DICTIONARY: Final = "marts.html"
LINEAGE: Final = "lineage.html"
_SCROLL: Final = '<div class="scroll" tabindex="0" role="region" aria-label="Table {number}"><table>'
GROUP: Final = "For analysts and engineers"
_LISTED: Final = (
    ("Data dictionary", DICTIONARY, "Every published mart and column."),
    ("Measures", "measures/README.html", "What exactly each figure means."),
    ("Ledger of measures", "measures/ledger.html", "Formula, codes, cohort, source and tests of each measure."),
    ("Glossary", "glossary.html", "The field's words, and those that we avoid."),
    ("Runbook", "runbook/README.html", "What to do about each error code."),
    ("Lineage", LINEAGE, "From the register to every mart, as dbt draws it."),
)


def write_catalogue(city: City, folder: Path, marts: list[Mart], lineage: Path | None) -> list[Path]:
    """Write the catalogue anew into ``folder``; returns its pages, relative to it.

    Every page of ``docs/`` keeps its place, so that its links hold. ``lineage`` is dbt's own static page, copied beside.
    The folder is made aside and then takes the place of the last one, so that a reader never meets half of it.
    """
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    template = page_environment().get_template("catalogue.html.j2")
    sources = sorted(DOCS.rglob("*.md"))
    # a link to a mart that stands in code marks leads to the dictionary
    known = {mart.name for mart in marts}
    for source in sources:
        place = source.relative_to(DOCS).with_suffix(".html")
        title, body = _page(source.read_text(encoding="utf-8"), place, known)
        _write(aside / place, template.render(city=city, title=title, body=body, root=_root(place), place=str(place)))
    dictionary = (
        page_environment().get_template("dictionary.html.j2").render(marts=marts, has_lineage=lineage is not None)
    )
    page = template.render(city=city, title="Data dictionary", body=dictionary, root="", place=DICTIONARY)
    _write(aside / DICTIONARY, page)
    if lineage is not None:
        shutil.copyfile(lineage, aside / LINEAGE)
    before = folder.with_name(folder.name + ".old")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    aside.rename(folder)
    shutil.rmtree(before, ignore_errors=True)
    return sorted(path.relative_to(folder) for path in folder.rglob("*.html"))


def list_catalogue(city: City, published: Path, night: date) -> None:
    """List the catalogue's main pages in the index of everything published, and Data Docs where there are any."""
    entries = [
        Entry(GROUP, title, f"catalogue/{place}", str(night), note=note)
        for title, place, note in _LISTED
        if (published / "catalogue" / place).is_file()
    ]
    if (published / "data-docs" / "index.html").is_file():
        note = "Every rule at the door, and how each delivery met it."
        entries.append(Entry(GROUP, "Data Docs", "data-docs/index.html", str(night), note=note))
    register_pages(published, city, entries)


def _page(text: str, place: Path, marts: set[str]) -> tuple[str, str]:
    """Title and HTML of one page: headings can be linked to, links lead to pages, tables may scroll."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    title = "Rollcall"
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[number + 1].content
            token.attrSet("id", _anchor(words))
            title = words if token.tag == "h1" else title
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", _target(str(child.attrGet("href")), place))
        if token.type == "inline" and token.children:
            token.children = list(_with_marts(token.children, place, marts))
    html = parser.renderer.render(tokens, parser.options, {})
    numbers = count(1)
    html = re.sub("<table>", lambda _: _SCROLL.format(number=next(numbers)), html)
    return title, html.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')


def _with_marts(tokens: Iterable[Token], place: Path, marts: set[str]) -> Iterable[Token]:
    """The same tokens, with every mart named in code marks a link to its place in the dictionary."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("link_") else 0
        if token.type == "code_inline" and depth == 0 and token.content in marts:
            start = Token("link_open", "a", 1, {"href": f"{_root(place)}{DICTIONARY}#{token.content}"})
            yield from (start, token, Token("link_close", "a", -1))
        else:
            yield token


def _target(link: str, place: Path) -> str:
    """Where a link of a page leads in the catalogue; a file outside ``docs/`` is named and not linked to its text."""
    path, _, anchor = link.partition("#")
    if not path or "://" in path:
        return link
    inside = Path(os.path.normpath(DOCS / place.parent / path))
    if not inside.is_relative_to(DOCS):
        return f"{_root(place)}README.html"
    page = f"{path[:-3]}.html" if path.endswith(".md") else f"{path.rstrip('/')}/README.html"
    return page + (f"#{anchor}" if anchor else "")


def _anchor(words: str) -> str:
    """The anchor that a heading has on common code hosts: lower case, spaces as hyphens, other signs dropped."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def _root(place: Path) -> str:
    return "../" * (len(place.parts) - 1)


def _write(path: Path, text: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(text), encoding="utf-8")
