"""Validate a landed file of a feed: rows accepted, quarantined with file, line and rule, or the whole file held.

Beside the landed bytes it writes ``canonical/rows.parquet`` (with the rows withheld marked as such),
``quarantine.parquet``, ``gx_result.json`` (counts per rule) and ``verdict.json``.
"""

from rollcall.validate.council.judging import JudgedFeed, read_judged_feed, suite_of, validate_feed

__all__ = ["JudgedFeed", "read_judged_feed", "suite_of", "validate_feed"]
