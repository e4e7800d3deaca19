"""The operator's page: tonight by school and stage, what waits for a person, what would move, and what to press."""

from rollcall.report.operator.page import operator_page

__all__ = ["operator_page"]
