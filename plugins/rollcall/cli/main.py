"""`rollcall`: the commands of an installation, each with help that a person can learn from."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from rollcall import __version__
from rollcall.cli.ask import ask
from rollcall.cli.export import export
from rollcall.cli.feeds import feeds
from rollcall.cli.installation import doctor, down, up
from rollcall.cli.night import as_known, build, history, hold, night, publish, release
from rollcall.cli.packs import pack
from rollcall.cli.reading import report, status
from rollcall.cli.simulated import simulate
from rollcall.errors import RollcallError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def rollcall() -> None:
    """A city's school-attendance warehouse.

    \b
    A first evening:
      rollcall up          start PostgreSQL and Airflow (made on first use)
      rollcall night       ask every school for its register, build and publish the marts
      rollcall feeds       bring in what the council itself exports
      rollcall status      schools in, late, held, silent; what moved; what to press next
      rollcall report      where the city report lies
      rollcall pack        lists for named readers, packs for meetings and boards

    \b
    When something is wrong:
      rollcall doctor                       look at everything that a night needs
      rollcall night --school 900012        ask one school again
      rollcall release 900012 2026-07-10    load an extract that was held, once the school confirmed it (--dry-run first)
      rollcall hold 900012 --why "..."      hold a school whose registers are known to be wrong

    Settings come from the environment; .env.example lists them. Every error has a code with a page in docs/runbook.
    """


for command in (
    up,
    down,
    night,
    feeds,
    history,
    build,
    publish,
    release,
    hold,
    as_known,
    status,
    report,
    export,
    ask,
    pack,
    simulate,
    doctor,
):
    rollcall.add_command(command)


def main() -> None:
    """Run the command line; a named fault is printed as one line and ends with exit code 1."""
    try:
        rollcall.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except RollcallError as error:
        Console(stderr=True).print(f"[bold red]{error.code}[/] {error.reason}\n[bold]Next:[/] {error.next_action}")
        sys.exit(1)
