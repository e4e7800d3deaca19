"""The PDF is made of a lighter document than the page, and is the one that the page itself would give, to the byte."""

from __future__ import annotations

import gc
import importlib
import re
import sys
from pathlib import Path

import pytest

from rollcall.report.drawing.maps import area_map
from rollcall.report.drawing.style import chart, figure
from rollcall.report.geography import Outline, Shape
from rollcall.report.page import Chart
from rollcall.report.pdf import for_paper, write_pdf
from rollcall.report.templating import page_environment

CELLS = "".join(
    f'<tr><th>School {number}</th><td class="n" data-measure="rate" data-key="{number}|&#34;a&#34;">{number}</td></tr>'
    for number in range(80)
)


def lines() -> Chart:
    plot, axes = figure(2.4)
    axes.plot([1, 2, 3], [3, 1, 2], label="absence")
    axes.set_ylabel("% of possible sessions")
    return chart(plot, "lines", "A line", "How it goes", "It falls & rises.")


def wards() -> Chart:
    shapes = [
        Shape((code,), (name,), (), f"M{x} 0L{x + 300} 0L{x + 300} 300L{x} 300Z", (x + 150.0, 150.0))
        for x, code, name in ((0, "E1", "Abbey & Mill"), (310, "E2", "Arboretum"), (620, "E3", "Quay"))
    ]
    outline = Outline(tuple(shapes), 300, "Crown copyright")
    return area_map(outline, {"E1": "5.1", "E2": "c", "E3": "7.3"}, "wards", "A map", "By ward", "Wards.", labels=True)


@pytest.fixture(scope="module")
def page() -> str:
    sheet = page_environment().get_template("report.css").render()
    return (
        f"<!doctype html><html lang='en'><head><title>Paper</title><style>{sheet}</style></head><body><main class='page'>"
        f'<figure>{lines().svg}</figure><figure class="map">{wards().svg}</figure>'
        f'<p>About <span data-measure="rate" data-key="city">5.1</span> %</p><table>{CELLS}</table></main></body></html>'
    )


def test_the_pdf_is_that_of_the_page_to_the_byte(page: str, tmp_path: Path):
    weasyprint = importlib.import_module("weasyprint")
    assert write_pdf(page, tmp_path / "paper.pdf") == ""
    weasyprint.HTML(string=page).write_pdf(tmp_path / "page.pdf")
    assert (tmp_path / "paper.pdf").read_bytes() == (tmp_path / "page.pdf").read_bytes()
    assert gc.isenabled()


def test_no_chart_and_no_key_is_laid_out_and_every_word_is(page: str):
    paper = for_paper(page)
    assert page.count("<svg") == paper.count('<img alt="" src="data:image/svg+xml;base64,') == 2
    assert "<svg" not in paper
    assert "data-key" not in paper

    def words(text: str) -> str:
        return re.sub(r"<svg.*?</svg>|<style>.*?</style>|<[^>]+>", "", text, flags=re.DOTALL)

    assert words(paper) == words(page)


def test_a_machine_without_pango_starts_all_the_same(monkeypatch: pytest.MonkeyPatch):
    def load(name: str) -> None:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        loaded.append(name)

    loaded: list[str] = []
    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.delitem(sys.modules, "rollcall.report.preload", raising=False)
    __import__("rollcall.report.preload")
    assert "rollcall.report.city" in loaded
