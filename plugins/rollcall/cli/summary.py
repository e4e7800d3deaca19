"""The twenty-second summary on the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import click
from rich.console import Console
from rich.table import Table

from rollcall.city import load_city
from rollcall.report import NightSummary, night_summary
from rollcall.settings import Settings
from rollcall.warehouse.connect import connect


def print_summary(settings: Settings, night: date, *, as_json: bool = False) -> None:
    """Print how a night stands."""
    city = load_city(settings.city_folder)
    with connect(settings, "loader") as connection:
        summary = night_summary(connection, city, night)
    if as_json:
        click.echo(json.dumps(asdict(summary), default=str, indent=2))
        return
    _print(summary, Console(), settings)


def _print(summary: NightSummary, console: Console, settings: Settings) -> None:
    label = " [yellow](synthetic)[/]" if summary.is_synthetic else ""
    console.rule(f"[bold]{summary.city}, night of {summary.night:%d %B %Y}[/]{label}")
    counts = ", ".join(f"[bold]{count}[/] {status}" for status, count in summary.schools.items())
    console.print(f"Schools    {counts}, of {summary.schools_expected} expected")
    for line in summary.exceptions:
        console.print(f"  [yellow]{line.status:<7}[/] {line.school}: {line.reason} [dim]{line.next_action}[/]")
    for line in summary.quarantined:
        console.print(f"  [yellow]rows[/]    {line.school}: {line.reason} [dim]{line.next_action}[/]")
    if summary.feeds:
        feeds = ", ".join(f"[bold]{count}[/] {status}" for status, count in summary.feeds.items())
        console.print(f"Feeds      {feeds}, of the council's own")
    for line in summary.feed_exceptions:
        console.print(f"  [yellow]{line.status:<7}[/] {line.school}: {line.reason} [dim]{line.next_action}[/]")
    balance = "balances" if summary.is_balanced else "[red]does not balance[/]"
    console.print(
        f"Rows       {summary.rows_in:,} in = {summary.loaded:,} loaded + {summary.unchanged:,} unchanged"
        f" + {summary.quarantined_rows:,} quarantined + {summary.not_used:,} not used ({balance})"
    )
    console.print(
        f"Marks      {summary.marks_new:,} new, {summary.marks_changed:,} corrected, {summary.marks_removed:,} removed"
    )
    if summary.published:
        _print_published(summary, console)
        console.print(f"Report     {settings.published / 'city-report.html'}")
    else:
        console.print("Published  [red]no[/]: yesterday's marts are still what everybody reads")
    console.print(f"Next       {summary.next_action}")


def _print_published(summary: NightSummary, console: Console) -> None:
    table = Table("year to date", "now", "moved", box=None, pad_edge=False)
    for name, value, moved in summary.figures:
        table.add_row(name, value, moved)
    console.print(f"Published  [green]yes[/], as known {summary.known_at:%d %B %Y %H:%M} UTC")
    console.print(table)
