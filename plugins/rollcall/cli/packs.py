"""Commands that write packs: lists that named readers work from, and pages for meetings and boards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from rollcall.city import load_city
from rollcall.report.packs import Request, write_pack
from rollcall.report.packs.lists import Scope
from rollcall.settings import load_settings

Command = Callable[..., None]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_audience = click.option("--for", "audience", required=True, help="The reader: name and role. Goes into the log.")
_names = click.option(
    "--names", "with_names", is_flag=True, help="Join names and UPNs, as identity_reader; needs --why."
)
_why = click.option("--why", default="", help="Why this pack is needed. Goes into the log and onto the pack.")
_school = click.option("--school", "urn", type=int, help="Only this school's children, by URN.")
_officer = click.option("--officer", help="Only the schools of this link officer.")
_worker = click.option("--worker", help="Only the children of this social worker, by the council's code.")


@click.group()
def pack() -> None:
    """Write a pack: a page to print and, for lists, a workbook. Each one is logged: who, for whom, why, how many rows.

    \b
    rollcall pack plans --worker SW021 --for "A Jones, social worker"
    rollcall pack statutory --officer officer_3 --for "B Khan, education welfare"
    rollcall pack virtual-school --for "C Lee, Virtual School Head" --names --why "weekly oversight"
    rollcall pack tsm --school 900012 --term summer --for "link officer and head of 900012"
    rollcall pack board --school 900012 --for "governing board of 900012"

    Files lie in ROLLCALL_PACKS, which only the service user can open. Children stand by pseudonym without --names.
    """


@pack.command()
@_options(_school, _officer, _worker, _audience, _names, _why)
def plans(urn: int | None, officer: str | None, worker: str | None, **more: Any) -> None:
    """Plan sheets: children in need, on a protection plan, looked after, or with a team around the family."""
    _write(Request("plans", Scope(urn, officer, worker), **more))


@pack.command()
@_options(_school, _officer, _audience, _names, _why)
def statutory(urn: int | None, officer: str | None, **more: Any) -> None:
    """Work lists: penalty threshold, 10-day and sickness returns, part-time timetables."""
    _write(Request("statutory", Scope(urn, officer), **more))


@pack.command("virtual-school")
@_options(_school, _audience, _names, _why)
def virtual_school(urn: int | None, **more: Any) -> None:
    """Children looked after or with a social worker, and who moved between bands of absence."""
    _write(Request("virtual-school", Scope(urn), **more))


@pack.command()
@click.option("--school", "urn", type=int, required=True, help="The school, by URN.")
@click.option("--term", type=click.Choice(["autumn", "spring", "summer"]), required=True)
@click.option("--year", default="", help="Academic year such as 2025/26. Default: that of the published set.")
@_options(_audience, _names, _why)
def tsm(urn: int, term: str, year: str, **more: Any) -> None:
    """The Targeting Support Meeting of a school and term."""
    _write(Request("tsm", Scope(urn), term=term, year=year, **more))


@pack.command()
@click.option("--school", "urn", type=int, help="The school, by URN.")
@click.option("--trust", default="", help="Or the trust, by its name.")
@_options(_audience, _why)
def board(urn: int | None, trust: str, **more: Any) -> None:
    """For governors of a school or trustees of a trust: counts only, small ones hidden."""
    if (urn is None) == (not trust):
        raise click.UsageError("Give either --school or --trust.")
    _write(Request("board", Scope(urn), trust=trust, **more))


def _write(request: Request) -> None:
    settings = load_settings()
    for path in write_pack(settings, load_city(settings.city_folder), request):
        Console(soft_wrap=True).print(str(path))
