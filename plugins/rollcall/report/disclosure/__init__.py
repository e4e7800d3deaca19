"""The disclosure function: every count and rate that leaves for leaders, boards, schools or the public passes here.

A count that stands alone goes through ``count_text`` or ``rounded_text``, a share of sessions through ``percent_text``.
Counts that add up to each other are a table and go through ``protect``::

    table = nested_table({"Year 7": (210, 31, 5), "Year 8": (198, 28, 2)}, ("pupils", "persistent", "severe"),
                         total=(408, 59, 7))
    shown = protect(table)
    shown.count("Year 8", "severe")              # c
    shown.percent("Year 7", "severe", "pupils")  # c too: 7 less 5 would give it away

The rules are the council's to confirm with its data protection officer; they stand in ``rules``.
"""

from rollcall.report.disclosure.protected import Protected, protect
from rollcall.report.disclosure.rules import (
    FEWEST_SCHOOLS,
    HIDDEN,
    LOW,
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    SMALLEST_COUNT,
    SMALLEST_DENOMINATOR,
    SMALLEST_WIDTH,
    SYMBOLS,
    count_text,
    decimal_text,
    is_small,
    percent_text,
    rounded_text,
)
from rollcall.report.disclosure.secondary import hidden_counts
from rollcall.report.disclosure.tables import ALL, CountTable, grid_table, linked_table, nested_table

__all__ = [
    "ALL",
    "FEWEST_SCHOOLS",
    "HIDDEN",
    "LOW",
    "NOT_APPLICABLE",
    "NOT_AVAILABLE",
    "SMALLEST_COUNT",
    "SMALLEST_DENOMINATOR",
    "SMALLEST_WIDTH",
    "SYMBOLS",
    "CountTable",
    "Protected",
    "count_text",
    "decimal_text",
    "grid_table",
    "hidden_counts",
    "is_small",
    "linked_table",
    "nested_table",
    "percent_text",
    "protect",
    "rounded_text",
]
