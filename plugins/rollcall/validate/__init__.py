"""Validate: read canonical tables from a landed extract, quarantine rows or hold the extract, and say which and why.

Beside the landed bytes it writes ``canonical/pupils.parquet``, ``canonical/marks.parquet``, the keys of what was
withheld (``canonical/*_withheld.parquet``: absent from a snapshot, yet not removed), ``quarantine.parquet``,
``gx_result.json`` (counts per rule) and ``verdict.json``.
"""

from rollcall.validate.checking import prepare, validate, validate_all, validate_many
from rollcall.validate.results import (
    read_canonical,
    read_quarantine,
    read_rule_counts,
    read_verdict,
    read_withheld,
)

__all__ = [
    "prepare",
    "read_canonical",
    "read_quarantine",
    "read_rule_counts",
    "read_verdict",
    "read_withheld",
    "validate",
    "validate_all",
    "validate_many",
]
