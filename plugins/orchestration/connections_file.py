"""The schools' connections for Airflow: one is read from the file when it is asked for, and no other.

Airflow's own file backend builds every connection of the file at each request; with a connection for every school that
was two thirds of a night's processor time.
"""

from __future__ import annotations

import json
from pathlib import Path

from airflow.sdk import Connection
from airflow.sdk.log import mask_secret
from airflow.secrets import BaseSecretsBackend


class ConnectionsFile(BaseSecretsBackend):
    """``{id: {conn_type, host, port, login, password, extra}}``, the same file that the command line reads."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = Path(path)

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        """The connection as JSON, or None where the file has none of that name: then Airflow looks elsewhere."""
        if not self._path.is_file():
            return None
        found = json.loads(self._path.read_text(encoding="utf-8")).get(conn_id)
        return None if found is None else json.dumps(found)

    def get_connection(self, conn_id: str, team_name: str | None = None) -> Connection | None:
        """The connection with its secrets masked in every log; the task's own class, which needs no database."""
        value = self.get_conn_value(conn_id, team_name)
        if value is None:
            return None
        connection = Connection.from_json(value, conn_id=conn_id)
        if connection.password:
            mask_secret(connection.password)
        return connection
