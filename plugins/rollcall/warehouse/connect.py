"""Connections to the warehouse and the lock that keeps one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from rollcall.errors import TransientError, WriterBusy
from rollcall.settings import Settings

WRITER_LOCK: Final = 831_001
PUBLISH_LOCK: Final = 831_002

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def connect(settings: Settings, role: str) -> Iterator[Connection]:
    """A connection as one role; commits on leaving, rolls back on an error.

    Raises ``TransientError`` where the server cannot be reached, or goes away meanwhile: what was not committed is undone.
    """
    try:
        connection = psycopg.connect(settings.dsn(role), connect_timeout=10, application_name=f"rollcall:{role}")
    except psycopg.OperationalError as error:
        raise _gone(settings, "does not answer") from error
    with connection:
        try:
            yield connection
        except psycopg.OperationalError as error:
            # a lock that was not given, a query that took too long: the server is there, and says so itself
            if connection.pgconn.status == psycopg.pq.ConnStatus.OK:
                raise
            raise _gone(settings, "broke off a connection") from error


def _gone(settings: Settings, what: str) -> TransientError:
    return TransientError(
        f"The warehouse {what} on port {settings.warehouse_port}.",
        next_action="Run `rollcall up`, or `rollcall doctor` to see why it is down.",
    )


def take_writer_lock(connection: Connection, *, wait_seconds: int = 120) -> None:
    """Hold the one-writer lock until the transaction ends; raises ``WriterBusy`` where another run keeps it."""
    connection.execute(f"set local lock_timeout = '{int(wait_seconds)}s'")
    try:
        connection.execute("select pg_advisory_xact_lock(%s)", [WRITER_LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise WriterBusy("Another run is writing to the register.") from error
