"""What a role reaches, asked by trying: every relation of every schema, through a connection with its own password."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.tiny_city import TinyCity

_RELATIONS = """
    select namespaces.nspname, relations.relname
    from pg_class as relations
    inner join pg_namespace as namespaces on relations.relnamespace = namespaces.oid
    where relations.relkind in ('r', 'p', 'v', 'm', 'f')
        and namespaces.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by 1, 2
"""
_WRITES = {
    "insert": "insert into {} select * from {} where false",
    "delete": "delete from {} where false",
    "truncate": "truncate {}",
    "drop table": "drop table {}",
    "drop view": "drop view {}",
}


@dataclass(frozen=True)
class Reach:
    """Relations by what trying them gave: read, refused; and the attempts to write or create that went through."""

    read: frozenset[str]
    refused: frozenset[str]
    wrote: frozenset[str]


def reach_of(city: TinyCity, role: str) -> Reach:
    """Try to read and to change everything as one role; every attempt is rolled back."""
    read: set[str] = set()
    refused: set[str] = set()
    wrote: set[str] = set()
    with city.as_role(role) as connection:
        # the role's own default is read-only; a person can switch it off, so the rights alone must hold
        connection.execute("set session characteristics as transaction read write")
        connection.commit()
        for schema, name in city.rows(_RELATIONS):
            relation = sql.Identifier(schema, name)
            allowed = _goes_through(connection, sql.SQL("select 1 from {} limit 1").format(relation))
            (read if allowed else refused).add(f"{schema}.{name}")
            for verb, statement in _WRITES.items():
                attempt = sql.SQL(statement).format(*[relation] * statement.count("{}"))
                if _goes_through(connection, attempt):
                    wrote.add(f"{verb} {schema}.{name}")
        schemas = [row[0] for row in city.rows("select nspname from pg_namespace where nspname not like 'pg_toast%'")]
        for schema in schemas:
            if _goes_through(connection, sql.SQL("create table {} (a int)").format(sql.Identifier(schema, "planted"))):
                wrote.add(f"create in {schema}")
        for what in ("create temp table planted (a int)", "create schema planted", "create role planted"):
            if _goes_through(connection, sql.SQL(what)):
                wrote.add(what)
    return Reach(frozenset(read), frozenset(refused), frozenset(wrote))


def _goes_through(connection: psycopg.Connection, statement: sql.SQL | sql.Composed) -> bool:
    try:
        connection.execute(statement)
    except psycopg.Error:
        return False
    finally:
        connection.rollback()
    return True
