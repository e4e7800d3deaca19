"""A digest of every mart and of every input that has no versions: what a later rebuild must give again.

A digest is the sum of the hashes of a table's rows in their text form, so the order of rows does not matter, and two
tables with one digest hold the same rows.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from psycopg import sql

from rollcall.warehouse.connect import Connection

# a sum of bigint is a numeric: it cannot overflow
_DIGEST: Final = "select {}, count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) from {} as row"
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
    names = {
        f"{schema.removesuffix(suffix).removesuffix('_build')}.{name}": (schema, name) for schema, name in relations
    } | {name: ("city", name.removeprefix("city.")) for name in INPUTS}
    # one statement over all of them: its workers take one relation each, large and small ones beside each other
    query = sql.SQL(" union all ").join(
        sql.SQL(_DIGEST).format(sql.Literal(relation), sql.Identifier(*place)) for relation, place in names.items()
    )
    found = {row[0]: Digest(row[0], int(row[1]), int(row[2])) for row in connection.execute(query).fetchall()}
    return [found[relation] for relation in names]


def is_input(relation: str) -> bool:
    """Whether a relation is a seed or a table of the city folder, and no mart."""
    return relation in INPUTS or relation.startswith("reference.")
