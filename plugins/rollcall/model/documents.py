"""dbt's own documentation as one static page: every model and column with its lineage."""

from __future__ import annotations

from pathlib import Path

from rollcall.city import City
from rollcall.extract import Night
from rollcall.model.dbt import invoke
from rollcall.settings import Settings


def write_lineage(settings: Settings, city: City, night: Night) -> Path | None:
    """Make the page from the last build's parsed project; returns where it lies, or None where dbt could not make it."""
    page = settings.home / "dbt" / "target" / "static_index.html"
    page.unlink(missing_ok=True)
    invoke(settings, city, night, ["docs", "generate", "--static", "--no-compile"])
    return page if page.exists() else None
