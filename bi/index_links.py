"""The dashboards in the index of everything published, each by its own address."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bi.build.dashboards import dashboards
from rollcall.city import City
from rollcall.report.index import Entry, register_pages

GROUP: Final = "Dashboards"


def list_dashboards(published: Path, city: City, base_url: str) -> None:
    """List every dashboard in the index of the folder ``published``, in place of those of an earlier address."""
    entries = [
        Entry(
            GROUP, dashboard.title, f"{base_url.rstrip('/')}/superset/dashboard/{slug}/", "", note="Asks for a login."
        )
        for slug, dashboard in dashboards().items()
    ]
    register_pages(published, city, entries, replaced=GROUP)
