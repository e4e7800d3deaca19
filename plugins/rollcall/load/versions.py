"""Versions: close what changed, add what is new, leave the rest alone. One rule for every versioned table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from rollcall.warehouse.connect import Connection


@dataclass(frozen=True)
class Knowledge:
    """What a load writes into each version: the moment that it counts from and the extract that it came by."""

    known_at: datetime
    extract_id: int


def apply_versions(
    connection: Connection,
    table: sql.Composable,
    stage: str,
    key: Sequence[str],
    values: Sequence[str],
    knowledge: Knowledge,
) -> int:
    """Make the current versions of ``table`` equal to the rows of ``stage`` for the keys that ``stage`` holds.

    A key whose values differ gets its version closed and a new one opened; a key not in ``stage`` stays as it is.
    Returns the number of versions opened. Running it twice opens none.
    """
    target, source = sql.SQL("target"), sql.Identifier(stage)
    same_key = sql.SQL(" and ").join(
        sql.SQL("{}.{} = {}.{}").format(target, sql.Identifier(name), source, sql.Identifier(name)) for name in key
    )
    old = sql.SQL(", ").join(sql.SQL("{}.{}").format(target, sql.Identifier(name)) for name in values)
    new = sql.SQL(", ").join(sql.SQL("{}.{}").format(source, sql.Identifier(name)) for name in values)
    connection.execute(
        sql.SQL(
            "update {table} as target set known_to = %(known_at)s, is_current = false from {source}"
            " where target.is_current and {same_key} and ({old}) is distinct from ({new})"
        ).format(table=table, source=source, same_key=same_key, old=old, new=new),
        {"known_at": knowledge.known_at},
    )
    names = sql.SQL(", ").join(map(sql.Identifier, [*key, *values]))
    opened = connection.execute(
        sql.SQL(
            "insert into {table} ({names}, known_from, extract_id)"
            " select {names}, %(known_at)s, %(extract_id)s from {source}"
            " where not exists (select 1 from {table} as target where target.is_current and {same_key})"
        ).format(table=table, source=source, same_key=same_key, names=names),
        {"known_at": knowledge.known_at, "extract_id": knowledge.extract_id},
    )
    return opened.rowcount
