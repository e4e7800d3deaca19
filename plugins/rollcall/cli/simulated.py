"""The simulated city: make it, let its systems answer, and let its evenings pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time as clock
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

import click
import httpx

from rollcall.cli.progress import steps
from rollcall.errors import SettingsError
from rollcall.runtime.processes import Service
from rollcall.settings import PROJECT_ROOT, Settings, load_settings

HTTP_PORT: Final = int(os.environ.get("ROLLCALL_SIMULATOR_PORT", "8832"))
_PORTS: Final = ("--http-port", str(HTTP_PORT), "--sftp-port", str(HTTP_PORT + 1))
HISTORY_UNTIL: Final = date(2026, 7, 7)
_EVENING: Final = time(19, 0, tzinfo=UTC)


@click.command()
@click.option("--night", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help="Let this evening come.")
@click.option(
    "--defects", type=click.Choice(["none", "demo"]), default="demo", show_default=True, help="Faults planted."
)
@click.option("--schools", type=int, default=0, help="A small city of this many schools (default: all 114).")
@click.option("--stop", is_flag=True, help="Stop the simulated school systems.")
def simulate(day: datetime | None, defects: str, schools: int, stop: bool) -> None:
    """Make the synthetic city and let its school systems answer.

    \b
    rollcall simulate                      pupils, a year of marks, history files; HTTP and SFTP faces start
    rollcall simulate --night 2026-07-08   that evening comes: files are dropped, the clock of the faces moves

    Everything in it is invented: no child, no school name, no figure of a real school.
    """
    settings = load_settings()
    if settings.city_folder != PROJECT_ROOT / "simulator" / "city":
        raise SettingsError(
            "This installation belongs to a real city.",
            next_action="Set ROLLCALL_CITY=simulator/city and ROLLCALL_HOME.",
        )
    if stop:
        faces(settings).stop()
    elif day:
        evening(settings, day.date())
    else:
        prepare(settings, defects, schools)


def prepare(settings: Settings, defects: str, schools: int) -> None:
    """Make truth, credentials and history files, and start the faces."""
    with steps() as step:
        with step("pupils, spells, marks and corrections of a year"):
            size = ["--schools", str(schools)] if schools else []
            _simulator("truth", "--out", str(_truth(settings)), "--defects", defects, *size)
        with step("credentials"):
            settings.secrets.mkdir(parents=True, exist_ok=True)
            settings.drop.mkdir(parents=True, exist_ok=True)
            folders = ["--host-key", str(_host_key(settings)), "--folder", str(settings.drop)]
            truth = ["--truth", str(_truth(settings)), "--out", str(settings.connections_file)]
            _simulator("credentials", *truth, *_PORTS, *folders)
        with step("history files"):
            until = ["--until", str(HISTORY_UNTIL), "--drop", str(settings.home / "history")]
            until += ["--council", str(settings.drop)]
            _simulator("history", "--truth", str(_truth(settings)), *until)
        with step("HTTP and SFTP faces"):
            _sftp_root(settings).mkdir(parents=True, exist_ok=True)
            faces(settings).start()
            _wait_for_faces()


def evening(settings: Settings, day: date) -> None:
    """Drop the files of an evening and move the clock of the faces to it.

    Raises ``SettingsError`` where there is no synthetic city yet, or none on that evening.
    """
    _require_evening(settings, day)
    sftp, folder = str(_sftp_root(settings)), str(settings.drop)
    with steps() as step, step(f"the evening of {day}"):
        faces(settings).start()
        _wait_for_faces()
        where = ["--sftp", sftp, "--folder", folder]
        _simulator("drop", "--truth", str(_truth(settings)), "--night", str(day), *where)
        now = datetime.combine(day, _EVENING).isoformat()
        httpx.post(f"http://127.0.0.1:{HTTP_PORT}/_sim/clock", json={"now": now}, timeout=60).raise_for_status()


def _require_evening(settings: Settings, day: date) -> None:
    """Past its last day the synthetic city has no marks: its schools would answer, and nothing would be in."""
    story = _truth(settings) / "scenario.json"
    if not story.is_file():
        raise SettingsError("There is no synthetic city here yet.", next_action="Run `rollcall simulate` first.")
    told = json.loads(story.read_text(encoding="utf-8"))
    first, last = date.fromisoformat(told["first_day"]), date.fromisoformat(told["last_day"])
    if not first <= day <= last:
        raise SettingsError(
            f"The synthetic city has no evening of {day}: its year runs from {first} to {last}.",
            next_action=f"Choose an evening of a school day until {last}.",
        )


def faces(settings: Settings) -> Service:
    """The process that answers as the schools' systems."""
    command = [sys.executable, "-m", "simulator", "serve", "--truth", str(_truth(settings))]
    command += [*_PORTS, "--sftp-root", str(_sftp_root(settings))]
    command += ["--host-key", str(_host_key(settings)), "--credentials", str(settings.connections_file)]
    return Service("simulator", command, {"PYTHONPATH": str(PROJECT_ROOT)}, settings.home / "run")


def _wait_for_faces(seconds: float = 90) -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{HTTP_PORT}/_sim/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            clock.sleep(0.3)
    raise SettingsError("The simulated school systems do not answer.", next_action="Read run/simulator.log.")


def _simulator(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SettingsError(f"simulator {arguments[0]} failed: {(done.stdout + done.stderr).strip()[-800:]}")


def _truth(settings: Settings) -> Path:
    return settings.home / "truth"


def _sftp_root(settings: Settings) -> Path:
    return settings.home / "schools" / "sftp"


def _host_key(settings: Settings) -> Path:
    return settings.secrets / "simulator_host_key"
