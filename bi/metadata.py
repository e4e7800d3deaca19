"""The BI tool's own database: its login and its database on the warehouse's server, nothing of the warehouse in it."""

from __future__ import annotations

import psycopg2
from psycopg2 import sql

from bi.settings import BiSettings

LOGIN = "superset"


def create_metadata_database(bi: BiSettings) -> None:
    """Make login and database where they are missing, as the administrator, and set the password from its secret.

    Nothing is done where the settings name another server: that database is its owner's to make.
    """
    if bi.metadata:
        return
    connection = psycopg2.connect(bi.admin_address)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_roles where rolname = %s", [LOGIN])
            verb = sql.SQL("alter" if cursor.fetchone() else "create")
            rights = sql.SQL("{} role {} login nosuperuser nocreatedb nocreaterole password {}")
            password = sql.Literal(bi.rollcall.secret("pg_superset"))
            cursor.execute(rights.format(verb, sql.Identifier(LOGIN), password))
            cursor.execute("select 1 from pg_database where datname = %s", [LOGIN])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("create database {0} owner {0}").format(sql.Identifier(LOGIN)))
            cursor.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(LOGIN)))
    finally:
        connection.close()
