"""Measuring: seconds of a step, the memory of every process meanwhile, and the table that is printed."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

COLUMNS: Final = ("job", "time", "floor", "ratio", "must", "aim", "", "peak memory")
GIB: Final = 1024**3


@dataclass(frozen=True)
class Figure:
    """One line: ``value`` in ``unit``; ``limit`` is what it must reach, ``times_floor`` if that is a multiple."""

    job: str
    value: float
    must: float | None = None
    aim: str = ""
    floor: float | None = None
    times_floor: bool = False
    unit: str = "s"
    peak: str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether it is as fast as it must be; None where nothing is demanded."""
        if self.must is None:
            return None
        return self.value <= self.must * (self.floor or 0) if self.times_floor else self.value <= self.must

    def cells(self) -> tuple[str, ...]:
        """The line as text, in the order of ``COLUMNS``."""
        must = "" if self.must is None else f"{self.must:g} x floor" if self.times_floor else self._text(self.must)
        verdict = {None: "", True: "reached", False: "MISSED"}[self.is_reached]
        floor = self._text(self.floor) if self.floor is not None else ""
        ratio = f"{self.value / self.floor:.1f}" if self.floor else ""
        return (self.job, self._text(self.value), floor, ratio, must, self.aim, verdict, self.peak)

    def _text(self, value: float) -> str:
        return f"{value:.0f} {self.unit}" if value >= 100 or self.unit == "ms" else f"{value:.2f} {self.unit}"


@dataclass
class Clock:
    """The seconds of a block once it has ended, and the process that had most memory of its own meanwhile."""

    seconds: float = 0.0
    peak: str = ""


@dataclass
class Memory:
    """The largest memory of its own (shared buffers left out) that one process had, and which one that was."""

    bytes: int = 0
    process: str = ""
    _step: tuple[int, str] = (0, "")
    _end: threading.Event = field(default_factory=threading.Event)

    def watch(self, server: int) -> None:
        """Look at this process, what it started and the server's processes until ``stop``."""
        threading.Thread(target=self._look, args=(server,), daemon=True).start()

    def begin_step(self) -> None:
        """Forget the step before."""
        self._step = (0, "")

    def step(self) -> str:
        """The largest process since the step began, as text."""
        size, name = self._step
        return f"{size / GIB:.2f} GiB ({name})" if size else ""

    def stop(self) -> None:
        """End the watch."""
        self._end.set()

    def _look(self, server: int) -> None:
        while not self._end.wait(0.25):
            family = {os.getpid(), server}
            for pid in sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
                name, parent, own = _state(pid)
                if pid in family or parent in family:
                    family.add(pid)
                    if own > self._step[0]:
                        self._step = (own, name)
                    if own > self.bytes:
                        self.bytes, self.process = own, name


@contextmanager
def timed(memory: Memory | None = None) -> Iterator[Clock]:
    """Measure a block; with ``memory`` also the largest process of it."""
    clock, began = Clock(), time.perf_counter()
    if memory:
        memory.begin_step()
    yield clock
    clock.seconds = time.perf_counter() - began
    if memory:
        clock.peak = memory.step()


def parent_of(pid: int) -> int:
    """The process that started another one."""
    return _state(pid)[1]


def _state(pid: int) -> tuple[str, int, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "", 0, 0
    values = dict(line.split(":", 1) for line in lines)
    own = sum(int(values[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile") if name in values)
    return values["Name"].strip(), int(values["PPid"]), own


def print_table(figures: list[Figure], title: str) -> None:
    """Print the figures to the terminal."""
    table = Table(*COLUMNS, title=title, title_justify="left", box=None)
    for figure in figures:
        table.add_row(*figure.cells())
    Console(width=170).print(table)


def as_markdown(figures: list[Figure], title: str) -> str:
    """The figures as a page, with what the machine is."""
    lines = ["# Benchmarks", "", f"Written by `python -m benchmarks --write`. {title}", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(figure.cells()) + " |" for figure in figures]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Cores and memory of this machine, and the load it had when it was asked."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {memory:.0f} GiB, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at start"
    )
