"""The SFTP server: one account per school, each confined to its own folder `<root>/<urn>`."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

import asyncssh


class SchoolServer(asyncssh.SSHServer):
    """Password accounts `school<urn>` from the connections file; no other way in."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self.passwords = passwords

    def begin_auth(self, username: str) -> bool:
        """Every account must authenticate."""
        return True

    def password_auth_supported(self) -> bool:
        """Passwords only."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Compare in constant time."""
        return (
            hmac.compare_digest(self.passwords.get(username, "").encode(), password.encode())
            and username in self.passwords
        )


async def start_sftp(
    connections: dict[str, dict[str, Any]], root: Path, port: int, host_key: Path
) -> asyncssh.SSHAcceptor:
    """Listen on the loopback; the caller closes the returned acceptor."""
    accounts = [row for row in connections.values() if row["conn_type"] == "sftp"]
    passwords = {row["login"]: row["password"] for row in accounts}
    for login in passwords:
        (root / login.removeprefix("school")).mkdir(parents=True, exist_ok=True)

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        urn = str(channel.get_extra_info("username")).removeprefix("school")
        return asyncssh.SFTPServer(channel, chroot=str(root / urn).encode())

    return await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[str(host_key)],
        server_factory=lambda: SchoolServer(passwords),
        sftp_factory=files,
        allow_scp=False,
    )
