"""The index of everything published leads to each dashboard, at the address that is in use now."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bi.build.dashboards import dashboards
from bi.index_links import GROUP, list_dashboards
from rollcall.city import load_city
from rollcall.report.index import Entry, nights_of_pages, register_pages
from rollcall.settings import PROJECT_ROOT


def test_the_index_links_each_dashboard_once_at_the_address_of_now(tmp_path: Path) -> None:
    city = load_city(PROJECT_ROOT / "simulator" / "city")
    (tmp_path / "page.html").write_text("a page")
    register_pages(tmp_path, city, [Entry("Pages", "A page", "page.html", "2026-07-03")])
    for address in ("http://old.example", "https://bi.example/", "https://bi.example"):
        list_dashboards(tmp_path, city, address)
    links = re.findall(r'<li><a href="([^"]+)"', (tmp_path / "index.html").read_text())
    assert sorted(links) == sorted(
        ["page.html", *(f"https://bi.example/superset/dashboard/{slug}/" for slug in dashboards())]
    )
    listed = [
        page["title"] for page in json.loads((tmp_path / "pages.json").read_text())["pages"] if page["group"] == GROUP
    ]
    assert sorted(listed) == sorted(dashboard.title for dashboard in dashboards().values())
    assert nights_of_pages(tmp_path) == {"page.html": "2026-07-03"}
