"""Readers: one per format, each from landed bytes to the register as stated; they judge shape, never content."""

from __future__ import annotations

from pathlib import Path

from rollcall.extract import Extract
from rollcall.validate.readers import template, wonde, workbook
from rollcall.validate.readers.stated import RowFault, Stated

__all__ = ["RowFault", "Stated", "read_stated"]


def read_stated(extract: Extract, raw: Path) -> Stated:
    """Read the landed files in ``raw``; raises ``UnreadableDelivery`` where they are not what the format promises."""
    reader = {"template_csv": template.read, "template_xlsx": workbook.read, "wonde_json": wonde.read}[extract.format]
    return reader(raw)
