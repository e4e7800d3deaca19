"""Schools that a person holds: what they send is landed and validated as always, and waits until it is released."""

from __future__ import annotations

from rollcall.warehouse.connect import Connection

CODE = "RC332"


def hold_school(connection: Connection, urn: int, reason: str) -> None:
    """Hold every extract of the school from now on; holding it again replaces the reason."""
    connection.execute(
        "insert into ops.hold (urn, reason) values (%s, %s) on conflict (urn) do update set reason = excluded.reason",
        [urn, reason],
    )


def end_hold(connection: Connection, urn: int) -> bool:
    """Let the school's extracts pass again; returns whether it was held."""
    return connection.execute("delete from ops.hold where urn = %s", [urn]).rowcount > 0


def reason_of_hold(connection: Connection, urn: int) -> str | None:
    """Why a person holds the school, or None."""
    row = connection.execute("select since, reason from ops.hold where urn = %s", [urn]).fetchone()
    return f"Held by hand since {row[0]:%d %B %Y}: {row[1]}" if row else None
