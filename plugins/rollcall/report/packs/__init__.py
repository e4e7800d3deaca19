"""Packs: what a named reader takes to a meeting or works from, as a page to print and a workbook.

Lists of children go into a folder of their own, never among the published pages; they carry pseudonyms unless names are
asked for with a reason. Every pack is written down in ``ops.export_log`` before it is handed out.
"""

from rollcall.report.packs.export import Request, write_pack
from rollcall.report.packs.pack import Pack, Sheet

__all__ = ["Pack", "Request", "Sheet", "write_pack"]
