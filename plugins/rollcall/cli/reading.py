"""Commands that only read: the state of a night, and where the report lies."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console

from rollcall import nightly
from rollcall.cli.summary import print_summary
from rollcall.errors import SettingsError
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect


@click.command()
@click.option("--date", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help="Night to show. Default: the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def status(day: datetime | None, as_json: bool) -> None:
    """Show a night in twenty seconds: schools in, late, held, silent and why; rows; what moved; what to press next."""
    settings = load_settings()
    with connect(settings, "loader") as connection:
        row = connection.execute("select max(night) from ops.school_night").fetchone()
    shown = day.date() if day else row[0] if row else None
    if shown is None:
        raise SettingsError("No night was ever run.", next_action="Run `rollcall night`.")
    print_summary(settings, shown, as_json=as_json)


@click.command()
def report() -> None:
    """Write the city report again from the published marts and print where it lies."""
    settings = load_settings()
    with connect(settings, "loader") as connection:
        row = connection.execute("select 1 from ops.publication where is_current").fetchone()
    if row is None:
        raise SettingsError("Nothing is published yet.", next_action="Run `rollcall night`.")
    for name in nightly.write_reports():
        Console().print(str(settings.published / name))
