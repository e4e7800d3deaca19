"""The demo: a synthetic city of 114 schools, a year of history, three nights through the DAGs, the city report."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from rollcall.settings import load_settings

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
        sys.exit(f"`rollcall {' '.join(arguments)}` failed; `rollcall doctor` says what is wrong.")
    print(f"  {time.monotonic() - started:.0f} s", flush=True)


def begin_anew(home: Path) -> None:
    """Make an empty home for the demo; what an earlier demo left, whole or broken off, is stopped and removed.

    Exits where the home holds anything and is not marked as a demo's: a real city's is never removed.
    """
    mark = home / MARK
    if home.exists() and any(home.iterdir()):
        if not mark.exists():
            sys.exit(f"{home} was not made by the demo, which leaves it alone. Set ROLLCALL_HOME to another folder.")
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
    for night in NIGHTS:
        run(f"The evening of {night}", "simulate", "--night", night)
        run(f"The night of {night}, through Airflow", "night", "--date", night)
    print(f"\nThe whole demo took {(time.monotonic() - started) / 60:.1f} minutes. Stop it with `make down`.")


if __name__ == "__main__":
    main()
