"""The report on paper: the same page as PDF by WeasyPrint, which needs the system's pango library."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

_LOG = logging.getLogger(__name__)


def write_pdf(page: str, path: Path) -> str:
    """Write the page as PDF; returns "", or one sentence that says why there is none. The HTML never depends on it.

    An older PDF is removed where a new one cannot be written: it would show another night than the page beside it.
    """
    try:
        weasyprint: Any = import_module("weasyprint")
    except ImportError:
        return _without(path, "No PDF: the package weasyprint is not installed.")
    except OSError:
        return _without(
            path, "No PDF: the system has no pango library (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0)."
        )
    aside = path.with_suffix(".pdf.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # the page holds everything itself: whatever else it asks for is refused
        fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
        weasyprint.HTML(string=page, url_fetcher=fetcher).write_pdf(aside)
    except Exception as error:  # whatever a layout engine stumbles over, the page is there
        aside.unlink(missing_ok=True)
        return _without(path, f"No PDF: weasyprint could not write it ({type(error).__name__}).")
    aside.replace(path)
    return ""


def _without(path: Path, why: str) -> str:
    path.unlink(missing_ok=True)
    _LOG.warning(why)
    return why
