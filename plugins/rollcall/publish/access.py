"""Who can read what, asked of the database itself: run inside every publish, so that a leak is never committed."""

from __future__ import annotations

from typing import Final

from rollcall.errors import PublishFailed
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.roles import OPERATOR_TABLES, OPERATOR_VIEWS

_READABLE: Final = """
    select namespaces.nspname, relations.relname, roles.rolname
    from pg_class as relations
    inner join pg_namespace as namespaces on relations.relnamespace = namespaces.oid
    cross join (
        values ('rollcall_bi_reader'), ('rollcall_identity_reader'), ('rollcall_operator_reader')
    ) as roles (rolname)
    where relations.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and namespaces.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and has_schema_privilege(roles.rolname, namespaces.oid, 'usage')
        and (
            case when relations.relkind = 'S' then has_sequence_privilege(roles.rolname, relations.oid, 'usage, select')
            else has_table_privilege(roles.rolname, relations.oid, 'select, insert, update, delete, truncate')
                or has_any_column_privilege(roles.rolname, relations.oid, 'select, insert, update') end
        )
"""
_WRITABLE: Final = """
    select namespaces.nspname || '.' || relations.relname
    from pg_class as relations
    inner join pg_namespace as namespaces on relations.relnamespace = namespaces.oid
    where namespaces.nspname = 'serve'
        and has_table_privilege('rollcall_bi_reader', relations.oid, 'insert, update, delete, truncate')
"""
_CREATES: Final = """
    select nspname from pg_namespace
    where has_schema_privilege('rollcall_bi_reader', oid, 'create') and nspname not like 'pg_%'
"""
_EXPECTED: Final = {
    "rollcall_bi_reader": {"serve"},
    "rollcall_identity_reader": {"serve", "identity"},
    "rollcall_operator_reader": {*OPERATOR_TABLES, *[f"serve.{name}" for name in OPERATOR_VIEWS]},
}
"""Whole schemas, or single relations."""


def check_access(connection: Connection) -> int:
    """Compare what the readers can reach with what they may; returns the number of (relation, role) pairs readable.

    Raises ``PublishFailed`` naming the relation and the role of every difference: a reader that reaches a base table,
    one that can write, or a view of ``serve`` that ``bi_reader`` cannot read.
    """
    readable = connection.execute(_READABLE).fetchall()
    leaks = [
        f"{role} reaches {schema}.{name}"
        for schema, name, role in readable
        if not {schema, f"{schema}.{name}"} & _EXPECTED[role]
    ]
    leaks += [f"bi_reader can write {row[0]}" for row in connection.execute(_WRITABLE).fetchall()]
    leaks += [f"bi_reader can create in {row[0]}" for row in connection.execute(_CREATES).fetchall()]
    served = {name for schema, name, role in readable if schema == "serve" and role == "rollcall_bi_reader"}
    views = connection.execute("select viewname from pg_views where schemaname = 'serve'").fetchall()
    leaks += [f"bi_reader cannot read serve.{row[0]}" for row in views if row[0] not in served]
    if leaks:
        raise PublishFailed(
            f"{len(leaks)} rights are not as they must be: " + "; ".join(leaks[:5]),
            next_action="Remove the grant named; nothing was published.",
        )
    return len(readable)
