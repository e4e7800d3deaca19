"""`rollcall`: the commands of an installation, each with help that a person can learn from."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

import click

from rollcall import __version__
from rollcall.errors import RollcallError

COMMANDS: Final = {
    "up": "installation", "down": "installation", "doctor": "installation", "night": "night", "history": "night",
    "build": "night", "publish": "night", "release": "night", "hold": "night", "as-known": "night", "feeds": "feeds",
    "status": "reading", "report": "reading", "export": "export", "ask": "ask", "pack": "packs",
    "simulate": "simulated",
}  # fmt: skip
"""Each command and the module that holds it: only the one that was typed is imported."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module: Any = import_module(f"rollcall.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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
        from rich.console import Console

        Console(stderr=True).print(f"[bold red]{error.code}[/] {error.reason}\n[bold]Next:[/] {error.next_action}")
        sys.exit(1)
