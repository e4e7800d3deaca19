"""The demo: a synthetic city of 114 schools, a year of history, three nights through the DAGs, the city report."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from itertools import zip_longest
from pathlib import Path
from threading import Thread
from typing import Final

from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect

ROLLCALL: Final = str(Path(sys.executable).parent / "rollcall")
NIGHTS: Final = ("2026-07-08", "2026-07-09", "2026-07-10")
HISTORY_UNTIL: Final = "2026-07-07"
MARK: Final = "demo"


def run(title: str, *arguments: str) -> None:
    """Run one command of the product, as a person would type it; stop the demo where it fails."""
    print(f"\n▸ {title}\n  rollcall {' '.join(arguments)}", flush=True)
    started = time.monotonic()
    done = subprocess.run([ROLLCALL, *arguments], check=False)
    if done.returncode:
        _stop_at(arguments)
    print(f"  {time.monotonic() - started:.0f} s", flush=True)


class Evening(Thread):
    """The evening of ``night``, that comes while the reports of the night before are written: nobody is asked then."""

    def __init__(self, night: str, before: str) -> None:
        super().__init__(daemon=True)
        self.arguments = ("simulate", "--night", night)
        self._before = before
        self._done: subprocess.CompletedProcess[str] | None = None
        self.start()

    def run(self) -> None:
        """Wait until the night before is published, then drop the files and move the clock."""
        published = "select exists (select from ops.publication where night = %s)"
        with connect(load_settings(), "publisher") as connection:
            connection.autocommit = True
            while connection.execute(published, [self._before]).fetchone() != (True,):
                time.sleep(0.5)
        self._done = subprocess.run([ROLLCALL, *self.arguments], check=False, capture_output=True, text=True)

    def tell(self) -> None:
        """Wait until it has come and print what it said; stop the demo where it failed."""
        self.join()
        print(f"\n▸ Meanwhile the next evening has come\n  rollcall {' '.join(self.arguments)}", flush=True)
        print(f"{self._done.stdout}{self._done.stderr}" if self._done else "", end="", flush=True)
        if self._done is None or self._done.returncode:
            _stop_at(self.arguments)


def _stop_at(arguments: tuple[str, ...]) -> None:
    sys.exit(f"`rollcall {' '.join(arguments)}` failed; `rollcall doctor` says what is wrong.")


def begin_anew(home: Path) -> None:
    """Make an empty home for the demo; what an earlier demo left, whole or broken off, is stopped and removed.

    Exits where the home holds anything and is not marked as a demo's: a real city's is never removed.
    """
    mark = home / MARK
    if home.exists() and any(home.iterdir()):
        if not mark.exists():
            sys.exit(f"{home} is not marked as a demo's, and is left alone. If nothing in it is needed: rm -r {home}")
        print(f"▸ An earlier demo is stopped and removed: {home}", flush=True)
        subprocess.run([ROLLCALL, "down"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    mark.touch()


def main() -> None:
    """Run the whole demo from nothing."""
    started = time.monotonic()
    begin_anew(load_settings().home)
    run("PostgreSQL and the schema", "up", "--warehouse-only")
    print("\n▸ Airflow starts meanwhile", flush=True)
    airflow = subprocess.Popen([ROLLCALL, "up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    run("The synthetic city and its school systems", "simulate")
    run("The year until now: every school's history", "history", "--date", HISTORY_UNTIL, "--load-only")
    said, _ = airflow.communicate()
    print(said, flush=True)
    if airflow.returncode:
        sys.exit("Airflow did not start; `rollcall doctor` says what is wrong.")
    run(f"The evening of {NIGHTS[0]}", "simulate", "--night", NIGHTS[0])
    for night, following in zip_longest(NIGHTS, NIGHTS[1:]):
        evening = Evening(following, night) if following else None
        run(f"The night of {night}, through Airflow", "night", "--date", night)
        if evening:
            evening.tell()
    print(f"\nThe whole demo took {(time.monotonic() - started) / 60:.1f} minutes. Stop it with `make down`.")


if __name__ == "__main__":
    main()
