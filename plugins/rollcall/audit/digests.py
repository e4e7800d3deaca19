"""A digest of every mart and of every input that has no versions: what a later rebuild must give again.

A digest is the sum of the hashes of a table's rows in their text form, so the order of rows does not matter, and two
tables with one digest hold the same rows.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from psycopg import sql

from rollcall.warehouse.connect import Connection

INPUTS: Final = ("city.school", "city.school_session", "city.period")


class Digest(NamedTuple):
    """One relation as it stood: ``relation`` is schema and name (of a mart, without the build's schema)."""

    relation: str
    rows: int
    digest: int


def digest_marts(connection: Connection, suffix: str = "") -> list[Digest]:
    """The digest of every mart in the build schemas (``suffix`` names an as-known rebuild), and of the inputs."""
    relations = connection.execute(
        """
        select schemaname, tablename from pg_tables
        where schemaname = any(%s) or schemaname = 'reference'
        order by 1, 2
        """,
        [[f"marts_build{suffix}", f"reports_build{suffix}"]],
    ).fetchall()
    found = [
        _digest(connection, schema, name, f"{schema.removesuffix(suffix).removesuffix('_build')}.{name}")
        for schema, name in relations
    ]
    return found + [_digest(connection, "city", name.removeprefix("city."), name) for name in INPUTS]


def is_input(relation: str) -> bool:
    """Whether a relation is a seed or a table of the city folder, and no mart."""
    return relation in INPUTS or relation.startswith("reference.")


def _digest(connection: Connection, schema: str, name: str, relation: str) -> Digest:
    query = "select count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) from {} as row"
    found = connection.execute(sql.SQL(query).format(sql.Identifier(schema, name))).fetchone()
    rows, digest = found or (0, 0)
    return Digest(relation, int(rows), int(digest))
