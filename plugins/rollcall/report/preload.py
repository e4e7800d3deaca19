"""What a report is drawn and set with, imported ahead: by the process that every task is forked from.

A library that the machine lacks, or that cannot load its own (WeasyPrint without pango), is left to the task that needs
it, which says so; here it must keep nobody from starting.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Final

from rollcall.report.drawing.style import library

_NEEDED: Final = (
    "rollcall.report.city", "rollcall.report.catalogue", "rollcall.report.packs", "scipy.optimize", "scipy.sparse",
    "weasyprint",
)  # fmt: skip

for _name in _NEEDED:
    with suppress(ImportError, OSError):
        import_module(_name)
with suppress(ImportError, OSError):
    library()
