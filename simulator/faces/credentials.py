"""Secrets of the schools' systems, as connections that Airflow can import: random by seed, readable by their owner
only.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from simulator.truth.store import Truth


def host_key(path: Path) -> str:
    """The SFTP server's public key as `type base64`; the private key is made at `path` when it is not there yet."""
    import asyncssh

    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        key.write_private_key(str(path))
    public: str = asyncssh.read_private_key(str(path)).export_public_key().decode().strip()
    return " ".join(public.split()[:2])


def write_credentials(
    truth: Truth, out: Path, key: Path, *, http_port: int, sftp_port: int, folder: Path, seed: int = 831
) -> int:
    """Write `{conn_id: {conn_type, host, port, login, password, extra}}`; returns the number of connections."""
    draw = random.Random(seed)
    connections: dict[str, dict[str, Any]] = {"folder_drop": {"conn_type": "fs", "extra": {"path": str(folder)}}}
    public = host_key(key)
    for school in truth.schools.itertuples():
        secret = "".join(draw.choices("abcdefghjkmnpqrstuvwxyz23456789", k=32))
        if school.connector == "wonde":
            base_url = f"http://127.0.0.1:{http_port}"
            connections[str(school.connection)] = {"conn_type": "http", "host": "127.0.0.1", "port": http_port,
                "login": "",
                                                   "password": secret, "extra": {"base_url": base_url, "per_page": 1000,
                                                       "requests_per_second": 200}}  # fmt: skip
        elif school.connector == "sftp":
            connections[str(school.connection)] = {"conn_type": "sftp", "host": "127.0.0.1", "port": sftp_port,
                "login": f"school{school.urn}",
                                                   "password": secret, "extra": {"host_key": public,
                                                       "path": "/"}}  # fmt: skip
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(connections, stream, indent=1)
    out.chmod(0o600)
    return len(connections)
