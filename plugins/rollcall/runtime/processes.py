"""A process that goes on after the command that started it, and is found again by the files that it left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path

from rollcall.settings import PROJECT_ROOT


@dataclass(frozen=True)
class Service:
    """One long-running process: its command, its environment, and the files by which it is found again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    arguments: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """Where the process writes."""
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start the process in a session of its own unless it runs already."""
        if self.is_running():
            return
        with self.open_log() as log:
            process = subprocess.Popen(
                [*self.command, *self.arguments],
                env={**os.environ, **self.environment},
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.remember(process.pid)

    def open_log(self) -> BufferedWriter:
        """The log, to write on at its end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.log.open("ab")

    def remember(self, pid: int) -> None:
        """Write down which process this is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._pid_file.write_text(str(pid), encoding="utf-8")

    def stop(self, wait_seconds: float = 20) -> None:
        """Ask the process and its children to end, and insist after a while; returns when none of them is left."""
        pid = self._pid()
        if pid is not None and self.is_running():
            for kind in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(pid, kind)
                # a child that finishes its work may outlive the process that was started
                if wait_until(lambda: not _members(pid), wait_seconds):
                    break
        self._pid_file.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether the process that was started is still there."""
        pid = self._pid()
        return pid is not None and _state(pid)[0] not in ("", "Z")

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def _pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


def _members(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if (state := _state(pid)) and state[0] != "Z" and state[1] == str(group)]


def _state(pid: int) -> tuple[str, str]:
    """(state, process group) of a process; empty texts where there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return "", ""
    state, _, group = status.rsplit(")", 1)[1].split()[:3]
    return state, group


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.1) -> bool:
    """Whether the condition came true within so many seconds; it is looked at every ``pause``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return condition()
