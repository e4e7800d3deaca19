"""Commands that start, stop and examine an installation."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from rollcall.city import load_city
from rollcall.cli.progress import steps
from rollcall.runtime import installation
from rollcall.settings import load_settings

DAGS = ("nightly_registers", "build_marts", "publish_reports", "housekeeping")


@click.command()
@click.option("--warehouse-only", is_flag=True, help="Start PostgreSQL and bring the schema up to date; no Airflow.")
def up(warehouse_only: bool) -> None:
    """Start this installation: PostgreSQL, the newest schema, Airflow.

    On first use it makes everything: secrets, the embedded server, roles, schemas. Safe to repeat; what runs stays up.
    """
    settings = load_settings()
    with steps() as step:
        with step("PostgreSQL"):
            installation.start_warehouse(settings)
        with step("Schema, roles and city"):
            installation.migrate_warehouse(settings)
        if warehouse_only:
            return
        with step("Airflow's database"):
            installation.make_airflow_database(settings)
        with step("Airflow: api-server, scheduler, dag-processor"):
            installation.start_airflow(settings)
            installation.wait_for_dags(settings, DAGS)
    Console().print(
        f"Airflow is at http://127.0.0.1:{settings.airflow_port} (user admin, password in"
        f" {settings.secrets / 'airflow_admin_password'})"
    )


@click.command()
@click.option("--purge", is_flag=True, help="Also delete the embedded server's data. This cannot be undone.")
def down(purge: bool) -> None:
    """Stop Airflow, the simulator and the embedded server. Data stays unless --purge."""
    settings = load_settings()
    if purge:
        click.confirm(f"Delete all data below {settings.home}?", abort=True)
    installation.stop(settings, purge=purge)
    Console().print("Stopped." if not purge else "Stopped, and the data is deleted.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything that a night needs: settings, city folder, secrets, server, schema, Airflow, connections.

    Prints one line per check with the next action where something is wrong; exit code 1 if anything is.
    """
    settings = load_settings()
    findings = installation.examine(settings)
    if as_json:
        click.echo(json.dumps([finding.__dict__ for finding in findings], indent=2))
    else:
        table = Table("check", "state", "next action", box=None)
        for finding in findings:
            table.add_row(finding.name, "[green]ok[/]" if finding.is_ok else f"[red]{finding.state}[/]", finding.action)
        Console().print(table)
        city = load_city(settings.city_folder)
        Console().print(f"{city.name}: {len(city.schools)} schools, {len(city.connected_schools())} connected")
    if not all(finding.is_ok for finding in findings):
        raise SystemExit(1)
