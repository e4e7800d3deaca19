"""Stage 8, report: what people open, written from the published marts."""

from rollcall.report.city import write_city_report
from rollcall.report.notify import send_summary
from rollcall.report.summary import NightSummary, night_summary

__all__ = ["NightSummary", "night_summary", "send_summary", "write_city_report"]
