"""Connectors: ask a school's system for its register and bring the bytes as they came; they know nothing of attendance.

Each is one module with ``fetch(school, connection, request, into) -> list[Delivery]``, oldest delivery first, each in
its own folder below ``into``. They raise ``NothingDelivered`` (silent), ``AccessRefused``, ``TransientError`` (after
their own retries), ``HostileDelivery`` or ``UnreadableDelivery``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from rollcall.city import School
from rollcall.connectors import folder, sftp, wonde
from rollcall.connectors.connections import Connection, read_connection
from rollcall.errors import SettingsError
from rollcall.extract import Delivery, Request

__all__ = ["Connection", "Fetch", "connector_for", "read_connection"]


class Fetch(Protocol):
    """What every connector offers."""

    def __call__(self, school: School, connection: Connection, request: Request, into: Path) -> list[Delivery]:
        """Bring what the school has delivered and we have not taken."""


CONNECTORS: Final[dict[str, Fetch]] = {"wonde": wonde.fetch, "sftp": sftp.fetch, "folder": folder.fetch}


def connector_for(school: School) -> Fetch:
    """The connector of a school; raises ``SettingsError`` where its register route is not agreed yet."""
    if school.connector not in CONNECTORS:
        raise SettingsError(f"{school.label} has no register route yet (column connector of schools.csv).")
    return CONNECTORS[school.connector]
