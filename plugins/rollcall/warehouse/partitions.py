"""Partitions of ``register.mark``: one a year of sessions, each split into the current versions and the past ones.

A current mark is found by (enrolment, session) in a unique index that holds nothing else; history grows beside it
without slowing a night. Dropping a year's partition is its erasure.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from psycopg import sql

from rollcall.city import City
from rollcall.warehouse.connect import Connection

CURRENT_KEY: Final = ("enrolment_id", "session_date", "half")
PAST_KEY: Final = (*CURRENT_KEY, "known_from")


def ensure_partitions(connection: Connection, city: City) -> None:
    """Create what is missing for every academic year of the city's settings (as the schema's owner)."""
    for year in city.periods:
        if year.period_type == "year":
            ensure_year(connection, year.first_day)


def ensure_year(connection: Connection, first_day: date) -> None:
    """Create the year that begins on ``first_day`` with both leaves and their keys; safe to repeat."""
    name = f"mark_{first_day.year}"
    parent = sql.Identifier("register", name)
    until = first_day.replace(year=first_day.year + 1)
    connection.execute(
        sql.SQL(
            "create table if not exists {} partition of register.mark for values from ({}) to ({})"
            " partition by list (is_current)"
        ).format(parent, sql.Literal(first_day), sql.Literal(until))
    )
    for leaf, value in (("current", True), ("past", False)):
        connection.execute(
            sql.SQL("create table if not exists {} partition of {} for values in ({})").format(
                sql.Identifier("register", f"{name}_{leaf}"), parent, sql.Literal(value)
            )
        )
    create_keys(connection, first_day)


def create_keys(connection: Connection, first_day: date) -> None:
    """Create the unique keys of a year's leaves where they are missing."""
    for leaf, key in (("current", CURRENT_KEY), ("past", PAST_KEY)):
        table = f"mark_{first_day.year}_{leaf}"
        connection.execute(
            sql.SQL("create unique index if not exists {} on {} ({})").format(
                sql.Identifier(f"{table}_key"),
                sql.Identifier("register", table),
                sql.SQL(", ").join(map(sql.Identifier, key)),
            )
        )


def drop_current_key(connection: Connection, first_day: date) -> None:
    """Drop the current leaf's key before a bulk load of an empty year; ``create_keys`` puts it back and proves it."""
    connection.execute(
        sql.SQL("drop index if exists {}").format(sql.Identifier("register", f"mark_{first_day.year}_current_key"))
    )
