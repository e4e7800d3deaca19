"""The report on paper: the same page as PDF by WeasyPrint, which needs the system's pango library."""

from __future__ import annotations

import gc
import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_LOG = logging.getLogger(__name__)
_PICTURE: Final = re.compile(r'<svg [^>]*xmlns="http://www.w3.org/2000/svg".*?</svg>', re.DOTALL)
_KEYS: Final = re.compile(r' data-(?:measure|key)="[^"]*"')
_STYLE: Final = re.compile(r"<style>.*?</style>", re.DOTALL)


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
        with _keeping_everything():
            weasyprint.HTML(string=for_paper(page), url_fetcher=fetcher).write_pdf(aside)
    except Exception as error:  # whatever a layout engine stumbles over, the page is there
        aside.unlink(missing_ok=True)
        return _without(path, f"No PDF: weasyprint could not write it ({type(error).__name__}).")
    aside.replace(path)
    return ""


def for_paper(page: str) -> str:
    """The page as WeasyPrint draws it soonest, which looks the same: charts as pictures, and no keys of numbers.

    The elements of a chart in the page are laid out and styled one by one; those of a picture are only drawn.
    """
    page = _STYLE.sub(lambda style: re.sub(r"\bsvg(?= *\{)", "img", style[0]), page)
    return _KEYS.sub("", _PICTURE.sub(_as_image, page))


def _as_image(picture: re.Match[str]) -> str:
    return f'<img alt="" src="data:image/svg+xml;base64,{b64encode(picture[0].encode()).decode()}">'


@contextmanager
def _keeping_everything() -> Iterator[None]:
    """Look for no garbage meanwhile: nearly all that a layout makes is needed to its end."""
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()


def _without(path: Path, why: str) -> str:
    path.unlink(missing_ok=True)
    _LOG.warning(why)
    return why
