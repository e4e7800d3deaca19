"""Commands that move data: a night, the history, one stage by itself, the release of a held extract."""

from __future__ import annotations

from datetime import UTC, datetime, time

import click
from rich.console import Console

from rollcall import nightly
from rollcall.city import load_city
from rollcall.cli.follow import follow_night
from rollcall.cli.progress import bar, steps
from rollcall.cli.summary import print_summary
from rollcall.extract import Night
from rollcall.settings import load_settings

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_SIMULATED_EVENING = time(19, 30, tzinfo=UTC)


@click.command()
@click.option("--date", "day", type=_DAY, help="Night to run, YYYY-MM-DD. Default: the newest school day.")
@click.option("--school", "schools", type=int, multiple=True, help="Ask only this URN (may be repeated).")
@click.option("--everyone", is_flag=True, help="Ask every school again, also those that are in.")
@click.option("--direct", is_flag=True, help="Run in this process, without Airflow (a machine without it, tests).")
def night(day: datetime | None, schools: tuple[int, ...], everyone: bool, direct: bool) -> None:
    """Ask the schools for their registers, load them, build and publish the marts, write the reports.

    Runs the DAGs nightly_registers, build_marts and publish_reports and follows them. A repeated night changes nothing.

    \b
    Examples:
      rollcall night                                     the newest night, every school that is not in yet
      rollcall night --date 2026-07-10                   replay a night
      rollcall night --date 2026-07-10 --school 900012   ask one school again
      rollcall night --date 2026-07-10 --everyone        ask all of them again: 0 marks change
    """
    settings = load_settings()
    chosen = night_of(day)
    asked = (
        [school.urn for school in load_city(settings.city_folder).connected_schools()] if everyone else list(schools)
    )
    if direct:
        _run_directly(chosen, asked)
    else:
        follow_night(settings, chosen, asked)
    print_summary(settings, chosen.date)


@click.command()
@click.option("--date", "day", type=_DAY, required=True, help="Last day that the history holds.")
@click.option("--load-only", is_flag=True, help="Leave building and publishing to the night that follows.")
def history(day: datetime, load_only: bool) -> None:
    """Load a year's history from the drop folder into an empty year, for every school.

    Each school's delivery is a register template with the marks from the first day of the year to --date, in
    <drop>/<URN>/<any name>/. Validated like any night's extract. Brings the council's feeds, builds and publishes.
    """
    chosen = night_of(day)
    with nightly.parsed_meanwhile(chosen), bar("history") as progress:
        summary = nightly.load_history(chosen, progress=progress)
        nightly.bring_feeds(chosen, progress=progress)
    Console().print(
        f"  {summary.loaded} schools, {summary.marks_new:,} marks loaded,"
        f" {summary.rows_quarantined:,} rows quarantined, {summary.held} held, {summary.failed} failed"
    )
    if not load_only:
        _model(chosen, full_refresh=True)


@click.command()
@click.option("--date", "day", type=_DAY, help="Night that the marts are to stand at. Default: the newest.")
@click.option("--full-refresh", is_flag=True, help="Rebuild everything from the register, nothing incremental.")
def build(day: datetime | None, full_refresh: bool) -> None:
    """Build, audit and publish the marts from what the register holds now."""
    _model(night_of(day), full_refresh=full_refresh)


@click.command()
@click.option("--date", "day", type=_DAY, help="Night that the built marts stand at. Default: the newest.")
def publish(day: datetime | None) -> None:
    """Audit and publish marts that are built already (after a publish that was blocked by a long query)."""
    chosen = night_of(day)
    with steps() as step:
        with step("audit"):
            figures = nightly.audit(chosen)["figures"]
        with step("publish"):
            nightly.publish(chosen, figures)


@click.command()
@click.argument("urn", type=int)
@click.argument("day", type=_DAY)
@click.option("--dry-run", is_flag=True, help="Say what would move, and load nothing.")
def release(urn: int, day: datetime, dry_run: bool) -> None:
    """Load the extract of school URN that was held on DAY, because the school confirmed that it is right."""
    if dry_run:
        from rollcall.warehouse.schema.ops import RELEASE_MEASURES

        for measure, (now, then) in nightly.try_release(urn, night_of(day)).items():
            Console().print(f"  {RELEASE_MEASURES[measure]:<38} {now:>10,} -> {then:>10,}  ({then - now:+,})")
        Console().print(f"Nothing was loaded. To load it: rollcall release {urn} {day.date()}")
        return
    result = nightly.release(urn, night_of(day))
    Console().print(
        f"School {urn}: {result.status}; {result.difference.new} new, {result.difference.changed} changed marks."
    )
    Console().print(f"Next: rollcall build --date {day.date()}")


@click.command()
@click.argument("urn", type=int)
@click.option("--why", help="The reason, as the night's summary will show it.")
@click.option("--end", is_flag=True, help="Let the school's registers pass again.")
def hold(urn: int, why: str | None, end: bool) -> None:
    """Hold the registers of school URN, because they are known to be wrong: a new system, a half-finished import.

    What the school sends is landed and validated, and waits; its last good figures stay, and every output names it.

    \b
    Examples:
      rollcall hold 900012 --why "moves to another system until Monday"
      rollcall hold 900012 --end
    """
    if end == bool(why):
        raise click.UsageError("Give either --why or --end.")
    if why:
        nightly.hold(urn, why)
        Console().print(f"School {urn} is held. Next: `rollcall hold {urn} --end`, once its registers are right.")
        return
    was_held = nightly.end_hold(urn)
    Console().print(f"School {urn} {'is held no longer' if was_held else 'was not held by hand'}.")
    Console().print(f"Next: rollcall night --school {urn}")


@click.command("as-known")
@click.option("--date", "day", type=_DAY, required=True, help="Night that the figures stand at.")
@click.option("--known-at", type=str, help="Moment of knowledge, e.g. 2026-06-05T20:00:00+00:00.")
@click.option("--verify", is_flag=True, help="Compare with what was published of that night, mart by mart.")
def as_known(day: datetime, known_at: str | None, verify: bool) -> None:
    """Rebuild the marts aside as they were known at a moment, with the same models; nothing published is touched.

    The tables stand in the schemas marts_build_as_known and reports_build_as_known until the next such rebuild.
    With --verify the moment is that of the night's publication, and every mart's digest must be the published one.

    \b
    Examples:
      rollcall as-known --date 2026-06-05 --known-at 2026-06-05T20:00:00+00:00
      rollcall as-known --date 2026-07-08 --verify
    """
    if verify == bool(known_at):
        raise click.UsageError("Give either --known-at or --verify.")
    with steps() as step, step(f"marts of {day.date()} as known {known_at or 'when they were published'}"):
        if known_at:
            nightly.rebuild_as_known(Night(day.date(), datetime.fromisoformat(known_at)))
            return
        found = nightly.compare_with_published(day.date())
    console = Console()
    equal = found.marts - len(found.different)
    console.print(
        f"  {equal} of {found.marts} marts are equal to the byte, as known {found.known_at:%d %B %Y %H:%M %Z}"
    )
    for title, names in (("differs", found.different), ("input changed since", found.inputs_changed)):
        for name in names:
            console.print(f"  {title}: {name}")
    if found.different:
        raise click.exceptions.Exit(1)


def night_of(day: datetime | None) -> Night:
    """The night meant: a simulated city's knowledge counts from that evening, a real city's from now."""
    now = datetime.now(UTC)
    if day is None:
        return nightly.choose_night(None, None, now)
    if load_city(load_settings().city_folder).is_synthetic:
        return Night(day.date(), datetime.combine(day.date(), _SIMULATED_EVENING))
    return Night(day.date(), now)


def _run_directly(chosen: Night, schools: list[int]) -> None:
    settings = load_settings()
    with bar(str(chosen.date)) as progress:
        nightly.collect_all(settings, chosen, schools, progress)
        nightly.bring_feeds(chosen, progress=progress)
        nightly.validate_and_load(chosen, progress=progress)
    _model(chosen, full_refresh=False)
    with steps() as step:
        with step("reports"):
            nightly.write_reports()
        with step("catalogue"):
            nightly.write_catalogue(chosen)


def _model(chosen: Night, *, full_refresh: bool) -> None:
    with steps() as step:
        with step("build and test the marts"):
            nightly.build(chosen, full_refresh=full_refresh)
        with step("audit every hop"):
            figures = nightly.audit(chosen)["figures"]
        with step("publish in one transaction"):
            nightly.publish(chosen, figures)
