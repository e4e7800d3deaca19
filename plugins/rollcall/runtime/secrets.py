"""Secrets of an installation: made once, random, one file each, readable by the service user only."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Final

from rollcall.settings import Settings

DATABASE_LOGINS: Final = (
    "admin", "loader", "transform", "publisher", "bi_reader", "identity_reader", "operator_reader", "airflow",
    "superset",
)  # fmt: skip


def ensure_secrets(settings: Settings) -> None:
    """Make what is missing; what is there stays, so that mounted secrets are never overwritten."""
    if not settings.secrets.exists():
        settings.secrets.mkdir(parents=True)
        settings.secrets.chmod(0o700)
    wanted = {f"pg_{login}": secrets.token_urlsafe(24) for login in DATABASE_LOGINS}
    wanted["airflow_jwt"] = secrets.token_urlsafe(48)
    wanted["airflow_api"] = secrets.token_urlsafe(48)
    wanted["airflow_fernet"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    wanted["airflow_admin_password"] = secrets.token_urlsafe(18)
    wanted["superset_key"] = secrets.token_urlsafe(48)
    wanted["superset_admin_password"] = secrets.token_urlsafe(18)
    wanted["superset_analyst_password"] = secrets.token_urlsafe(18)
    for name, value in wanted.items():
        write_secret(settings.secrets / name, value, overwrite=False)


def write_secret(path: Path, value: str, *, overwrite: bool = True) -> None:
    """Write one secret file with mode 0600, from the first byte."""
    if path.exists():
        if not overwrite:
            return
        path.unlink()
    path.touch(mode=0o600)
    path.write_text(value, encoding="utf-8")
