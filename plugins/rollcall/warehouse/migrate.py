"""Bring the database to the newest schema: roles, schemas, Alembic migrations, partitions, rights, city reference."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from rollcall.city import City
from rollcall.settings import Settings
from rollcall.warehouse.partitions import ensure_partitions
from rollcall.warehouse.roles import create_roles, create_schemas, grant_rights


def migrate(settings: Settings, city: City, admin_dsn: str) -> None:
    """Run every step in order; each is safe to repeat. ``admin_dsn`` is a superuser on the warehouse's database."""
    with psycopg.connect(admin_dsn) as connection:
        create_roles(connection, settings)
        create_schemas(connection, settings.warehouse_database)
    command.upgrade(alembic_config(admin_dsn), "head")
    with psycopg.connect(admin_dsn) as connection:
        connection.execute("set role rollcall_owner")
        ensure_partitions(connection, city)
        grant_rights(connection)


def create_database(admin_dsn: str, name: str) -> None:
    """Create a database where it is missing."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))


def alembic_config(dsn: str) -> Config:
    """Alembic's configuration, without a file: the migrations lie beside this module."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["dsn"] = dsn.replace("postgresql://", "postgresql+psycopg://", 1)
    return config
