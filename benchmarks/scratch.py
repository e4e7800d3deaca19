"""An installation of its own for the benchmarks: temporary home, free ports, a synthetic city of a chosen size."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rollcall.settings import PROJECT_ROOT, Settings, load_settings

WHOLE_CITY = PROJECT_ROOT / "simulator" / "city"


@dataclass(frozen=True)
class Scratch:
    """The installation and its number of schools."""

    settings: Settings
    schools: int


@contextmanager
def scratch_installation(schools: int) -> Iterator[Scratch]:
    """Make it, with the schools' history files written and their systems answering; remove everything at the end."""
    home = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    os.environ |= {
        "ROLLCALL_HOME": str(home),
        "ROLLCALL_CITY": str(home / "city" if schools else WHOLE_CITY),
        "ROLLCALL_PG_HOST": "",
        "ROLLCALL_PG_PORT": str(_free_port()),
        "ROLLCALL_SIMULATOR_PORT": str(_free_port(pair=True)),
    }
    for name in ("ROLLCALL_SECRETS", "ROLLCALL_CONNECTIONS", "ROLLCALL_LANDING", "ROLLCALL_PUBLISHED", "ROLLCALL_DROP"):
        os.environ.pop(name, None)
    from rollcall.cli import simulated
    from rollcall.runtime import installation

    settings = load_settings()
    try:
        simulated.prepare(settings, "none", schools)
        if schools:
            _keep_schools_of_truth(settings)
        installation.start_warehouse(settings)
        installation.migrate_warehouse(settings)
        yield Scratch(settings, schools or sum(1 for _ in _rows(WHOLE_CITY / "schools.csv")))
    finally:
        simulated.faces(settings).stop()
        if (settings.secrets / "pg_admin").exists():
            installation.cluster_of(settings).remove()
        shutil.rmtree(home, ignore_errors=True)


def _keep_schools_of_truth(settings: Settings) -> None:
    """A city folder that holds just the schools that the simulator kept."""
    kept = {path.name for path in (settings.home / "history").iterdir()}
    settings.city_folder.mkdir(exist_ok=True)
    for path in WHOLE_CITY.iterdir():
        if path.suffix != ".csv" or "urn" not in path.read_text(encoding="utf-8").split("\n", 1)[0].split(","):
            shutil.copy(path, settings.city_folder)
            continue
        rows = [row for row in _rows(path) if row["urn"] in kept | {"*"}]
        with (settings.city_folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(_rows(path)[0]))
            writer.writeheader()
            writer.writerows(rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _free_port(*, pair: bool = False) -> int:
    """A port that nobody holds; with ``pair`` the next one is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1 if pair else 0))
            except OSError:
                continue
            return port
