"""Start the BI tool beside a city that has published: `python -m bi up`; `rollcall down` stops it with the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Final

import click
import httpx

from bi.build.dashboards import dashboards
from bi.settings import FOLDER, PROGRAMS, BiSettings, load_bi_settings
from rollcall.city import load_city
from rollcall.errors import RollcallError, SettingsError, TransientError
from rollcall.report.index import Entry, register_pages
from rollcall.runtime.installation import start_warehouse
from rollcall.runtime.processes import Service
from rollcall.runtime.services import installation_environment
from rollcall.settings import PROJECT_ROOT
from rollcall.warehouse.connect import connect

PREPARE: Final = ["python", "-m", "bi.prepare"]
SERVE: Final = ["gunicorn", "--config", "bi/gunicorn_conf.py", "superset.app:create_app()"]
"""The two commands of the BI tool; `docker-compose.yml` runs the same ones."""
GROUP: Final = "Dashboards"
"""Where the index of everything published lists them."""
_SECONDS: Final = 120


def environment(bi: BiSettings) -> dict[str, str]:
    """The BI tool's environment: where things are, and no secret."""
    return {
        **installation_environment(bi.rollcall),
        "ROLLCALL_SECRETS": str(bi.rollcall.secrets),
        "ROLLCALL_BI_HOST": bi.host,
        "ROLLCALL_BI_PORT": str(bi.port),
        "ROLLCALL_BI_WORKERS": str(bi.workers),
        "ROLLCALL_BI_BASE_URL": bi.base_url,
        "ROLLCALL_BI_METADATA": bi.metadata,
        "SUPERSET_CONFIG_PATH": str(FOLDER / "superset_config.py"),
        "SUPERSET_HOME": str(bi.home),
        "PYTHONPATH": f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT}",
        "PATH": f"{PROGRAMS}:{os.environ.get('PATH', '')}",
        "SCARF_ANALYTICS": "false",
    }


def service(bi: BiSettings) -> Service:
    """The BI tool's long-running process, found again by its file in the installation's `run` folder."""
    return Service("bi", [str(PROGRAMS / SERVE[0]), *SERVE[1:]], environment(bi), bi.rollcall.home / "run")


def start(bi: BiSettings) -> str:
    """Prepare and start the BI tool and wait until it answers; returns what was prepared.

    Raises ``SettingsError`` where nothing is published yet or the preparation fails, ``TransientError`` where the tool
    does not come up.
    """
    start_warehouse(bi.rollcall)
    _require_publication(bi)
    program, *arguments = PREPARE
    done = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment(bi)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SettingsError(f"The BI tool could not be prepared: {(done.stdout + done.stderr).strip()[-800:]}")
    running = service(bi)
    # a process of before knows yesterday's configuration
    running.stop()
    running.start()
    _wait(bi, running)
    list_dashboards(bi)
    return done.stdout.strip().splitlines()[-1]


def list_dashboards(bi: BiSettings, *, are_up: bool = True) -> None:
    """Put the dashboards' addresses on the index of everything published, or take them off it."""
    boards = dashboards().values() if are_up else []
    note = "For analysts with a login."
    entries = [
        Entry(GROUP, one.title, f"{bi.base_url}/superset/dashboard/{one.slug}/", "", note=note) for one in boards
    ]
    register_pages(bi.rollcall.published, load_city(bi.rollcall.city_folder), entries, whole=GROUP)


def _require_publication(bi: BiSettings) -> None:
    with connect(bi.rollcall, "bi_reader") as connection:
        row = connection.execute("select to_regclass('serve.publication')").fetchone()
        if row is None or row[0] is None:
            raise SettingsError(
                "Nothing is published yet, so there is nothing to look at.",
                next_action="Run a night first (`make demo`, or `rollcall night`).",
            )


def _wait(bi: BiSettings, running: Service) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and running.is_running():
        try:
            if httpx.get(f"http://127.0.0.1:{bi.port}/health", timeout=5).text == "OK":
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise TransientError("The BI tool does not answer.", next_action=f"Read {running.log}; is port {bi.port} taken?")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The BI tool of this installation."""


@main.command()
def up() -> None:
    """Bring database, roles and dashboards up to date, start the tool anew, say where it is. Safe to repeat."""
    bi = load_bi_settings()
    started = time.monotonic()
    prepared = start(bi)
    click.echo(f"{prepared}, in {time.monotonic() - started:.0f} s")
    click.echo(f"The BI tool is at {bi.base_url}")
    for name in ("analyst", "admin"):
        click.echo(f"  user {name}, password in {bi.rollcall.secrets / f'superset_{name}_password'}")
    click.echo("It stops with the rest: `make down`; alone: `python -m bi down`.")


@main.command()
def down() -> None:
    """Stop the tool; its database and the dashboards stay."""
    bi = load_bi_settings()
    service(bi).stop()
    list_dashboards(bi, are_up=False)
    click.echo("Stopped.")


if __name__ == "__main__":
    try:
        main.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except RollcallError as error:
        click.echo(f"{error.code} {error.reason}\nNext: {error.next_action}", err=True)
        sys.exit(1)
