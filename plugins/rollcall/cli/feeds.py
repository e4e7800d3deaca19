"""`rollcall feeds`: bring in what the council itself exports, and release a file that is held."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console

from rollcall import nightly
from rollcall.cli.night import _DAY, night_of
from rollcall.cli.progress import bar
from rollcall.council import FEEDS
from rollcall.errors import SettingsError
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect


@click.command()
@click.option("--date", "day", type=_DAY, help="Night to run, YYYY-MM-DD. Default: the newest school day.")
@click.option(
    "--feed", "names", type=click.Choice(list(FEEDS)), multiple=True, help="Only this feed (may be repeated)."
)
@click.option(
    "--release", "is_release", is_flag=True, help="Load the file of --feed that was held: its owner confirmed it."
)
def feeds(day: datetime | None, names: tuple[str, ...], is_release: bool) -> None:
    """Bring in the council's own feeds: social care, plans, home education, admissions, missing education, returns.

    Looks in <drop>/council/<feed>/ for files not taken yet, lands, validates and loads them, and shows how each feed
    stands. `rollcall night` does the same as part of the night; docs/council-feeds.md describes the files.

    \b
    Examples:
      rollcall feeds                                             every feed, the newest night
      rollcall feeds --date 2026-07-10 --feed cme_cases          one feed of one night
      rollcall feeds --release --feed plans --date 2026-07-10    load a file that was held
    """
    night = night_of(day)
    if is_release:
        if len(names) != 1:
            raise SettingsError("--release needs one --feed.", next_action="Name the feed that is held.")
        result = nightly.release_feed(night, names[0])
        Console().print(
            f"{names[0]}: {result.status}; {result.counts.new} new, {result.counts.changed} changed records."
        )
        return
    with bar(str(night.date)) as progress:
        nightly.bring_feeds(night, list(names), progress=progress)
    with connect(load_settings(), "loader") as connection:
        rows = connection.execute(
            "select feed, status, rows_in, rows_new, rows_changed, rows_removed, rows_quarantined, reason, next_action"
            " from ops.feed_night where night = %s and (feed = any(%s) or %s) order by feed",
            [night.date, list(names), not names],
        ).fetchall()
    for feed, status, *counts, reason, action in rows:
        words = zip(("in", "new", "changed", "removed", "quarantined"), counts, strict=True)
        figures = ", ".join(f"{count:,} {word}" for word, count in words)
        Console().print(f"{feed:<16} [bold]{status:<8}[/] {figures}  {reason or ''} [dim]{action or ''}[/]")
