"""Thresholds of the law."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pandas as pd


def marts(db: duckdb.DuckDBPyConnection, night: str) -> Iterator[tuple[str, list[str], list[str], pd.DataFrame]]:
    """mart, keys, columns, rows."""
    yield from ()
