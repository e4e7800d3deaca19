"""Move every built mart into place in one transaction: readers see yesterday's whole set, then today's whole set."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from rollcall import __version__
from rollcall.errors import PublishFailed
from rollcall.extract import Night
from rollcall.publish.access import check_access
from rollcall.publish.history import VIEWS, Record, keep
from rollcall.publish.views import SESSION_VIEW
from rollcall.warehouse.connect import PUBLISH_LOCK, Connection
from rollcall.warehouse.roles import OPERATOR_VIEWS

MOVES: Final = {"marts_build": "marts", "reports_build": "reports"}
_ATTEMPTS: Final = 60
# shorter than the server's deadlock_timeout (1 s): where a reader and we wait for each other, we give way, not the reader
_LOCK_WAIT_MS: Final = 400
# while we hold nothing, nobody can be waiting for us: the first view may take longer where statements are long
_LONGEST_FIRST_WAIT_MS: Final = 6400
_READ_NOW: Final = """
    select distinct relations.relname
    from pg_locks as locks
    inner join pg_class as relations on locks.relation = relations.oid
    where locks.granted and locks.pid <> pg_backend_pid() and relations.relnamespace = 'serve'::regnamespace
"""
_OVER_THE_REGISTER: Final = "fct_sessions"


@dataclass(frozen=True)
class PublishReport:
    """What was published: marts, milliseconds in which readers may have waited, readable (view, role) pairs."""

    marts: int
    window_ms: int
    readable: int


def publish_marts(connection: Connection, night: Night, figures: dict[str, int], record: Record) -> PublishReport:
    """Publish everything that stands in the build schemas (as the publisher), and keep ``record`` of it.

    Waits a little for readers' locks and tries again; raises ``PublishFailed`` where they never let go or where a right
    is wrong. On any error nothing has moved.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with connection.transaction():
                return _publish(connection, night, figures, record, attempt)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(min(0.05 * (attempt + 1), 1.0))
    raise PublishFailed("Readers held locks on the marts all the while.", next_action="End the long query, then retry.")


def _publish(
    connection: Connection, night: Night, figures: dict[str, int], record: Record, attempt: int
) -> PublishReport:
    _wait_at_most(connection, _LOCK_WAIT_MS)
    connection.execute("select pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])
    built = _tables(connection, *MOVES)
    if not built:
        raise PublishFailed("Nothing was built to publish.", next_action="Run `rollcall build` first.")
    # the owner takes over what transform built, so that a later build cannot touch what is published
    connection.execute("reset role")
    for schema, name in built:
        connection.execute(sql.SQL("alter table {} owner to rollcall_owner").format(sql.Identifier(schema, name)))
    connection.execute("set local role rollcall_owner")
    started = time.monotonic()
    _shut_out_readers(connection, attempt)
    for schema, name in _tables(connection, "serve"):
        connection.execute(sql.SQL("drop view {}").format(sql.Identifier(schema, name)))
    for schema, name in _tables(connection, *MOVES.values()):
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, name)))
    for schema, name in built:
        target = MOVES[schema]
        connection.execute(
            sql.SQL("alter table {} set schema {}").format(sql.Identifier(schema, name), sql.Identifier(target))
        )
        connection.execute(
            sql.SQL("create view {} with (security_barrier) as select * from {}").format(
                sql.Identifier("serve", name), sql.Identifier(target, name)
            )
        )
    keep(connection, _point(connection, night, figures, record.academic_year), record)
    connection.execute(SESSION_VIEW)
    for name, query in VIEWS.items():
        view = sql.Identifier("serve", name)
        connection.execute(sql.SQL("create view {} with (security_barrier) as {}").format(view, sql.SQL(query)))
    connection.execute("grant select on all tables in schema serve to rollcall_bi_reader, rollcall_identity_reader")
    served = {name for _, name in _tables(connection, "serve")}
    for name in served.intersection(OPERATOR_VIEWS):
        connection.execute(
            sql.SQL("grant select on {} to rollcall_operator_reader").format(sql.Identifier("serve", name))
        )
    readable = check_access(connection)
    return PublishReport(len(built), int(1000 * (time.monotonic() - started)), readable)


def _shut_out_readers(connection: Connection, attempt: int) -> None:
    """Lock every view that shows a mart, and the mart with it, before anything is dropped.

    A query locks its views in its own order, and only where ours begins with the same one do we not wait for each other:
    so another order at each attempt, beginning with the views that somebody reads just now. The view over the register
    is left to its drop, because locking it would lock the register.
    """
    views = [name for _, name in _tables(connection, "serve") if name != _OVER_THE_REGISTER]
    if not views:
        return
    busy = {row[0] for row in connection.execute(_READ_NOW).fetchall()}
    shuffled = sorted(random.sample(views, len(views)), key=lambda name: name not in busy)
    first, *others = [sql.Identifier("serve", name) for name in shuffled]
    lock = sql.SQL("lock table {} in access exclusive mode")
    _wait_at_most(connection, min(_LOCK_WAIT_MS * 2 ** (attempt // 4), _LONGEST_FIRST_WAIT_MS))
    connection.execute(lock.format(first))
    _wait_at_most(connection, _LOCK_WAIT_MS)
    if others:
        connection.execute(lock.format(sql.SQL(", ").join(others)))


def _wait_at_most(connection: Connection, milliseconds: int) -> None:
    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{milliseconds}ms")))


def _point(connection: Connection, night: Night, figures: dict[str, int], academic_year: str) -> int:
    """Write the publication, and the view by which every reader sees how fresh the set is; returns its id."""
    connection.execute("update ops.publication set is_current = false where is_current")
    row = connection.execute(
        "insert into ops.publication (night, known_at, published_at, is_current, code_version, figures, academic_year)"
        " values (%s, %s, now(), true, %s, %s, %s) returning publication_id",
        [night.date, night.known_at, __version__, json.dumps(figures), academic_year],
    ).fetchone()
    connection.execute(
        "create view serve.publication with (security_barrier) as"
        " select night, known_at, published_at, code_version from ops.publication where is_current"
    )
    return int(row[0]) if row else 0


def _tables(connection: Connection, *schemas: str) -> list[tuple[str, str]]:
    rows = connection.execute(
        """
        select namespaces.nspname, relations.relname
        from pg_class as relations
        inner join pg_namespace as namespaces on relations.relnamespace = namespaces.oid
        where namespaces.nspname = any(%s) and relations.relkind in ('r', 'v')
            and relations.relname not like '%%\\_\\_dbt\\_%%'
        order by 1, 2
        """,
        [list(schemas)],
    ).fetchall()
    return [(row[0], row[1]) for row in rows]
