"""The browser and the accessibility engine, as for every other page."""

from tests.browser.conftest import axe, browser

__all__ = ["axe", "browser"]
