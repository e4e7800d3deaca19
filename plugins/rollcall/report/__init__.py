"""Stage 8, report: what people open, written from the published marts.

``summary`` says how a night stands, ``notify`` sends that, ``city`` writes the city report (and is imported where it is
used, because charts are heavy).
"""

from rollcall.report.notify import send_summary
from rollcall.report.summary import NightSummary, night_summary

__all__ = ["NightSummary", "night_summary", "send_summary"]
