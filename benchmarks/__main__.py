"""Run the benchmarks and print one table.

Loads run on a scratch installation that is removed afterwards. BI queries run on the demonstration's published marts
where it is up (``ROLLCALL_HOME``), and on the scratch otherwise.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
from rich.console import Console

from benchmarks.measure import GIB, Figure, Memory, as_markdown, machine, parent_of, print_table
from benchmarks.queries import measure_queries
from benchmarks.scratch import Scratch, scratch_installation
from rollcall.errors import RollcallError
from rollcall.runtime.installation import admin_dsn
from rollcall.settings import Settings, load_settings

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Measure what is asked for; exit code 1 where a figure misses what it must reach."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--schools", type=int, default=0, help="schools of the scratch city (default: all 114)")
    parser.add_argument("--queries-only", action="store_true", help="only BI queries, on the installation that is up")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results.md as well")
    asked = parser.parse_args()
    say = Console(stderr=True).print
    title, home = machine(), dict(os.environ)
    demonstration = load_settings()
    figures = measure_queries(demonstration, "demonstration") if _is_published(demonstration) else []
    if not asked.queries_only:
        with scratch_installation(asked.schools) as scratch:
            title = f"{scratch.schools} schools; {title}"
            figures = _on_scratch(scratch, figures, say)
            if asked.schools:
                title, figures = f"{title}; a small city is not judged", [replace(f, must=None) for f in figures]
        os.environ.clear()
        os.environ.update(home)
    print_table(figures, title)
    if asked.write:
        RESULTS.write_text(as_markdown(figures, title), encoding="utf-8")
    if any(figure.is_reached is False for figure in figures):
        raise SystemExit(1)


def _on_scratch(scratch: Scratch, figures: list[Figure], say: Callable[[str], None]) -> list[Figure]:
    # imported here: the simulator's port is read from the environment, which the scratch has set only now
    from benchmarks.loads import measure_loads

    memory = Memory()
    memory.watch(_server(scratch.settings))
    loads = measure_loads(scratch, memory, lambda text: say(f"  {text}"))
    memory.stop()
    figures = figures or measure_queries(scratch.settings, "scratch")
    peak = Figure(f"peak memory of one process ({memory.process})", memory.bytes / GIB, 4, "1.5 GiB", unit="GiB")
    return [*loads, *figures, peak]


def _server(settings: Settings) -> int:
    """The server's main process: the parent of the one that answers us."""
    with psycopg.connect(admin_dsn(settings, "postgres")) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        return parent_of(row[0] if row else 0)


def _is_published(settings: Settings) -> bool:
    try:
        with psycopg.connect(settings.dsn("bi_reader"), connect_timeout=3) as connection:
            return connection.execute("select 1 from serve.publication").fetchone() is not None
    except (psycopg.Error, RollcallError):
        return False


if __name__ == "__main__":
    main()
