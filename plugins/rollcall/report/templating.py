"""The templates of all pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from rollcall.report.words import day_text


def page_environment() -> Environment:
    """The templates of all pages: everything is escaped, and a name that is not there is an error."""
    environment = Environment(
        loader=PackageLoader("rollcall.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    return environment


def _day(value: Any) -> str:
    return day_text(value if isinstance(value, date) else None)
