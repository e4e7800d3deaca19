"""The catalogue: definitions, glossary, runbook and data dictionary as pages that need no server."""

from rollcall.report.catalogue.dictionary import Mart, read_marts
from rollcall.report.catalogue.pages import list_catalogue, write_catalogue

__all__ = ["Mart", "list_catalogue", "read_marts", "write_catalogue"]
