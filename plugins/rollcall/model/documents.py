"""dbt's own documentation as one static page: every model and column with its lineage."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rollcall.city import City
from rollcall.extract import Night
from rollcall.model.dbt import invoke, project_fingerprint
from rollcall.settings import Settings

_MARK: Final = "lineage_of.txt"


def write_lineage(settings: Settings, city: City, night: Night) -> Path | None:
    """Make the page from the last build's parsed project; returns where it lies, or None where dbt could not make it.

    The page tells of models and columns, of no night: it is kept as long as nothing that dbt parses has changed.
    """
    target = settings.home / "dbt" / "target"
    page, mark = target / "static_index.html", target / _MARK
    print_of_now = project_fingerprint(settings, city, night)
    if page.exists() and mark.exists() and mark.read_text(encoding="utf-8") == print_of_now:
        return page
    for old in (mark, page):
        old.unlink(missing_ok=True)
    code = invoke(settings, city, night, ["docs", "generate", "--static", "--no-compile"])
    if not page.exists():
        return None
    # a page of which dbt says that something of it is missing is shown, and made anew the next night
    if code == 0:
        mark.write_text(print_of_now, encoding="utf-8")
    return page
