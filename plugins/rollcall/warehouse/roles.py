"""Who may do what in the database: roles, schemas and grants, applied again at every migration and every publish.

====================  =======================================================================================
role                  may
====================  =======================================================================================
rollcall_owner        nothing by login: owns ``city``, ``register``, ``identity``, ``ops``, ``marts``, ``serve``
rollcall_loader       write ``city``, ``register``, ``identity`` and ``ops``; no marts
rollcall_transform    read ``register``, ``city``, ``ops``; build ``staging`` to ``marts_build``; no identity
rollcall_publisher    act as owner and as transform: moves the marts, makes the views of ``serve``
rollcall_bi_reader    read the views of ``serve``; nothing else, read-only, 15 s a query, no temporary tables
rollcall_identity_reader  join a pseudonym to a name: ``serve`` and ``identity``, read-only
rollcall_operator_reader  how the nights went: ``ops``, the ledgers, coverage by day; no row of a child, read-only
====================  =======================================================================================
"""

from __future__ import annotations

from typing import Final

from psycopg import sql

from rollcall.settings import Settings
from rollcall.warehouse.connect import Connection

LOGINS: Final = ("loader", "transform", "publisher", "bi_reader", "identity_reader", "operator_reader")
OWNED: Final = ("city", "register", "identity", "ops", "marts", "reports", "serve")
BUILT: Final = ("reference", "staging", "intermediate", "marts_build", "reports_build")
READERS: Final = ("bi_reader", "identity_reader", "operator_reader")
OPERATOR_TABLES: Final = (
    "ops.school_night", "ops.feed_night", "ops.quarantine", "ops.publication", "ops.hold", "ops.release_effect",
    "ops.recon", "register.extract", "city.feed_extract",
)  # fmt: skip
"""What the operator's page reads: counts, reasons, file names and line numbers, never a row of a child."""
OPERATOR_VIEWS: Final = ("fct_school_days", "publication")


def create_roles(connection: Connection, settings: Settings) -> None:
    """Create the roles where they are missing and set the logins' passwords from their secret files."""
    existing = {row[0] for row in connection.execute("select rolname from pg_roles").fetchall()}
    for name in ("rollcall_owner", *[f"rollcall_{login}" for login in LOGINS]):
        if name not in existing:
            connection.execute(sql.SQL("create role {} nosuperuser nocreatedb nocreaterole").format(_role(name)))
    connection.execute("alter role rollcall_owner nologin")
    for login in LOGINS:
        statement = sql.SQL("alter role {} login inherit password {}")
        connection.execute(statement.format(_role(f"rollcall_{login}"), sql.Literal(settings.secret(f"pg_{login}"))))
    connection.execute("grant rollcall_owner, rollcall_transform to rollcall_publisher")
    # dbt builds as many models at once as there are threads in its profile: a query that split itself would only take
    # the processor from another model (the two that a full refresh waits for say otherwise in their own header)
    connection.execute("alter role rollcall_transform set max_parallel_workers_per_gather = 0")
    # a hundred tables are measured every night: nine thousand rows of each tell the planner enough
    connection.execute("alter role rollcall_transform set default_statistics_target = 30")
    for reader in READERS:
        role = _role(f"rollcall_{reader}")
        connection.execute(sql.SQL("alter role {} set default_transaction_read_only = on").format(role))
        connection.execute(sql.SQL("alter role {} set statement_timeout = '15s'").format(role))
        connection.execute(sql.SQL("alter role {} set search_path = serve, pg_catalog").format(role))


def create_schemas(connection: Connection, database: str) -> None:
    """Create the schemas with their owners and take every default right from ``public``."""
    connection.execute("revoke all on schema public from public")
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
    for login in LOGINS:
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), _role(f"rollcall_{login}"))
        )
    # dbt asks for `create schema if not exists` at every run, and as-known rebuilds go to schemas of their own
    connection.execute(
        sql.SQL("grant create, temp on database {} to rollcall_transform").format(sql.Identifier(database))
    )
    connection.execute(sql.SQL("grant temp on database {} to rollcall_loader").format(sql.Identifier(database)))
    for schema in OWNED:
        connection.execute(sql.SQL("create schema if not exists {} authorization rollcall_owner").format(_role(schema)))
    for schema in BUILT:
        connection.execute(
            sql.SQL("create schema if not exists {} authorization rollcall_transform").format(_role(schema))
        )
    # a published mart changes hands before it changes schema
    connection.execute("grant usage, create on schema marts_build, reports_build to rollcall_owner")
    connection.execute("alter default privileges revoke execute on functions from public")


def grant_rights(connection: Connection) -> None:
    """Grant each role exactly its rights on the loader-owned schemas; run after every migration."""
    statements = (
        "grant usage on schema city, register, identity, ops to rollcall_loader",
        "grant select, insert, update, delete on all tables in schema city, register, identity, ops to rollcall_loader",
        "grant usage, select on all sequences in schema register, ops to rollcall_loader",
        "revoke update, delete on ops.export_log from rollcall_loader",
        "grant usage on schema city, register, ops to rollcall_transform",
        "grant select on all tables in schema city, register, ops to rollcall_transform",
        "revoke select on ops.export_log from rollcall_transform",
        "grant usage on schema serve to rollcall_bi_reader, rollcall_identity_reader",
        "grant usage on schema identity to rollcall_identity_reader",
        "grant select on all tables in schema identity to rollcall_identity_reader",
        "grant usage on schema city, register, ops, serve to rollcall_operator_reader",
        f"grant select on {', '.join(OPERATOR_TABLES)} to rollcall_operator_reader",
    )
    for statement in statements:
        connection.execute(statement)


def _role(name: str) -> sql.Identifier:
    return sql.Identifier(name)
