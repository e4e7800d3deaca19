"""Where this installation keeps its things: read once from the environment into one frozen object."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
ROLES: Final = ("owner", "loader", "transform", "bi_reader", "identity_reader")


@dataclass(frozen=True)
class Settings:
    """Paths and addresses of one installation.

    ``home`` holds everything that is not code: the embedded server, landing store, secrets, logs. ``city_folder`` says
    which city this is. ``warehouse_host`` is empty for the embedded server, whose port is then ``warehouse_port``.
    """

    home: Path
    city_folder: Path
    landing: str
    published: Path
    drop: Path
    warehouse_host: str
    warehouse_port: int
    warehouse_database: str
    airflow_port: int

    @property
    def secrets(self) -> Path:
        """Folder of the generated or mounted secrets, one file each, readable by the service user only."""
        return Path(os.environ.get("ROLLCALL_SECRETS", self.home / "secrets"))

    @property
    def connections_file(self) -> Path:
        """The connections that Airflow's local secrets backend and the command line both read."""
        return Path(os.environ.get("ROLLCALL_CONNECTIONS", self.secrets / "connections.json"))

    @property
    def packs(self) -> Path:
        """Folder of the packs, for named readers: beside the published pages, never among them."""
        return Path(os.environ.get("ROLLCALL_PACKS", self.home / "published-private")).resolve()

    def dsn(self, role: str) -> str:
        """Address of the warehouse for one role, with the role's password from its secret file."""
        from urllib.parse import quote

        host = self.warehouse_host or "127.0.0.1"
        password = quote(self.secret(f"pg_{role}"), safe="")
        return f"postgresql://rollcall_{role}:{password}@{host}:{self.warehouse_port}/{self.warehouse_database}"

    def secret(self, name: str) -> str:
        """The text of one secret file; raises ``SettingsError`` where it is missing."""
        from rollcall.errors import SettingsError

        path = self.secrets / name
        if not path.is_file():
            raise SettingsError(
                f"No secret named {name} in the secrets folder.", next_action="Run `rollcall up`, or mount the secret."
            )
        return path.read_text(encoding="utf-8").strip()


def load_settings() -> Settings:
    """Read the environment (names begin with ``ROLLCALL_``; ``.env.example`` lists them all)."""
    home = Path(os.environ.get("ROLLCALL_HOME", PROJECT_ROOT / ".rollcall")).resolve()
    return Settings(
        home=home,
        city_folder=Path(os.environ.get("ROLLCALL_CITY", PROJECT_ROOT / "city")).resolve(),
        landing=os.environ.get("ROLLCALL_LANDING", str(home / "landing")),
        published=Path(os.environ.get("ROLLCALL_PUBLISHED", home / "published")).resolve(),
        drop=Path(os.environ.get("ROLLCALL_DROP", home / "drop")).resolve(),
        warehouse_host=os.environ.get("ROLLCALL_PG_HOST", ""),
        warehouse_port=int(os.environ.get("ROLLCALL_PG_PORT", "54831")),
        warehouse_database=os.environ.get("ROLLCALL_PG_DATABASE", "rollcall"),
        airflow_port=int(os.environ.get("ROLLCALL_AIRFLOW_PORT", "8831")),
    )
