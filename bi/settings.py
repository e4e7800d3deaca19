"""Where the BI tool finds the warehouse, its own database and its secrets; standard library only, for both environments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rollcall.settings import PROJECT_ROOT, Settings, load_settings

FOLDER: Final = PROJECT_ROOT / "bi"
PROGRAMS: Final = Path(os.environ.get("ROLLCALL_BI_PROGRAMS", FOLDER / ".venv" / "bin"))
"""The programs of the BI tool's own environment."""


@dataclass(frozen=True)
class BiSettings:
    """An installation as the BI tool sees it.

    ``metadata`` names the server of the BI tool's own database, an address without a password; empty for the
    warehouse's server. ``base_url`` is the address that people use; only one that begins with https gets secure cookies.
    """

    rollcall: Settings
    port: int
    host: str
    workers: int
    base_url: str
    metadata: str

    @property
    def home(self) -> Path:
        """Cache and generated files, readable by the service user only."""
        return self.rollcall.home / "bi"

    @property
    def is_secure(self) -> bool:
        """Whether people come over TLS."""
        return self.base_url.startswith("https://")

    @property
    def warehouse_address(self) -> str:
        """The warehouse as the BI tool's connection knows it; the password is looked up at every connection."""
        return f"postgresql+psycopg2://rollcall_bi_reader@{self._server}/{self.rollcall.warehouse_database}"

    @property
    def metadata_address(self) -> str:
        """The BI tool's own database, with its password."""
        from urllib.parse import quote

        plain = self.metadata or f"postgresql+psycopg2://superset@{self._server}/superset"
        password = quote(self.rollcall.secret("pg_superset"), safe="")
        return plain.replace("//superset@", f"//superset:{password}@", 1)

    @property
    def admin_address(self) -> str:
        """The administrator's address of the warehouse's server, in libpq's form."""
        from urllib.parse import quote

        password = quote(self.rollcall.secret("pg_admin"), safe="")
        return f"postgresql://rollcall_admin:{password}@{self._server}/postgres"

    @property
    def _server(self) -> str:
        return f"{self.rollcall.warehouse_host or '127.0.0.1'}:{self.rollcall.warehouse_port}"


def load_bi_settings() -> BiSettings:
    """Read the environment (names begin with ``ROLLCALL_``)."""
    port = int(os.environ.get("ROLLCALL_BI_PORT", "8834"))
    return BiSettings(
        rollcall=load_settings(),
        port=port,
        host=os.environ.get("ROLLCALL_BI_HOST", "127.0.0.1"),
        workers=int(os.environ.get("ROLLCALL_BI_WORKERS", "2")),
        base_url=os.environ.get("ROLLCALL_BI_BASE_URL", f"http://127.0.0.1:{port}"),
        metadata=os.environ.get("ROLLCALL_BI_METADATA", ""),
    )
