"""Addresses and credentials of the schools' systems, in the form that Airflow's local secrets backend reads too."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rollcall.errors import SettingsError


@dataclass(frozen=True)
class Connection:
    """One connection; ``password`` and ``extra`` may hold secrets and never appear in its text form."""

    conn_type: str
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    def number(self, name: str, default: float) -> float:
        """A number of ``extra``; raises ``SettingsError`` where it is none."""
        try:
            return float(self.extra.get(name, default))
        except (TypeError, ValueError) as error:
            raise SettingsError(f"The connection's {name} is not a number.") from error


def read_connection(path: Path, conn_id: str) -> Connection:
    """One connection of a JSON file ``{id: {...}}``; raises ``SettingsError`` where file or connection is missing."""
    if not path.is_file():
        raise SettingsError("The connections file is missing.", next_action="Run `rollcall up`, or mount the secret.")
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))[conn_id]
        extra = entry.get("extra") or {}
        return Connection(
            conn_type=entry["conn_type"],
            host=entry.get("host") or "",
            port=int(entry["port"]) if entry.get("port") else None,
            login=entry.get("login") or "",
            password=entry.get("password") or "",
            extra=json.loads(extra) if isinstance(extra, str) else dict(extra),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # the cause is not chained: its text may quote a secret
        raise SettingsError(f"Connection {conn_id} is missing from the connections file, or malformed.") from None
