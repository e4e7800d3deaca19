"""The extracts of a night as the landing store holds them: those not loaded yet, and what validating wrote beside one."""

from __future__ import annotations

from typing import Any

from rollcall.extract import Extract
from rollcall.settings import Settings
from rollcall.warehouse.connect import connect


def not_loaded(settings: Settings, extracts: list[Extract]) -> list[Extract]:
    """Those of the extracts that are new to the register, or held."""
    with connect(settings, "loader") as connection:
        rows = connection.execute(
            "select extract_hash from register.extract where extract_hash = any(%s) and verdict <> 'held'",
            [[extract.extract_hash for extract in extracts]],
        )
        done = {row[0] for row in rows.fetchall()}
    return [extract for extract in extracts if extract.extract_hash not in done]


def accepted_of(extract: Extract) -> Any:
    """An extract with everything that the validate stage wrote beside it, as the load stage takes it."""
    from rollcall.load import Accepted
    from rollcall.validate import read_canonical, read_quarantine, read_verdict, read_withheld

    uri = extract.landed_uri
    return Accepted(extract, read_verdict(uri), *read_canonical(uri), read_quarantine(uri), *read_withheld(uri))
