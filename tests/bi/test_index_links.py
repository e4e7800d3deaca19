"""The index of everything published leads to each dashboard, at the address that is in use now."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from bi.__main__ import GROUP, list_dashboards
from bi.build.dashboards import dashboards
from bi.settings import load_bi_settings
from rollcall.city import load_city
from rollcall.report.index import Entry, nights_of_pages, register_pages
from rollcall.settings import PROJECT_ROOT


def test_the_index_links_each_dashboard_once_at_the_address_of_now(tmp_path: Path) -> None:
    here = load_bi_settings()
    city_folder = PROJECT_ROOT / "simulator" / "city"
    at = replace(here, rollcall=replace(here.rollcall, published=tmp_path, city_folder=city_folder))
    (tmp_path / "page.html").write_text("a page")
    register_pages(tmp_path, load_city(city_folder), [Entry("Pages", "A page", "page.html", "2026-07-03")])
    for address in ("http://old.example", "https://bi.example"):
        list_dashboards(replace(at, base_url=address))
    links = re.findall(r'<li><a href="([^"]+)"', (tmp_path / "index.html").read_text())
    assert sorted(links) == sorted(
        ["page.html", *(f"https://bi.example/superset/dashboard/{slug}/" for slug in dashboards())]
    )
    listed = [
        page["title"] for page in json.loads((tmp_path / "pages.json").read_text())["pages"] if page["group"] == GROUP
    ]
    assert sorted(listed) == sorted(dashboard.title for dashboard in dashboards().values())
    assert nights_of_pages(tmp_path) == {"page.html": "2026-07-03"}
    list_dashboards(at, are_up=False)
    assert re.findall(r'<li><a href="([^"]+)"', (tmp_path / "index.html").read_text()) == ["page.html"]
