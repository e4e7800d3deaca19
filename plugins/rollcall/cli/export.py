"""`rollcall export`: the published marts as files for an analyst's own tools."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from rollcall import nightly
from rollcall.cli.progress import bar


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option("--mart", "marts", multiple=True, help="Only this mart (may be repeated). Default: all but fct_sessions.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Kind of file.",
)
def export(folder: Path, marts: tuple[str, ...], kind: Literal["parquet", "csv"]) -> None:
    """Write the published marts as files, all of one publication, with dictionary.csv and manifest.json beside them.

    The files hold pseudonyms of children: only you can read them, and they stay inside the council.

    \b
    Examples:
      rollcall export --to /srv/analysis/today
      rollcall export --to /srv/analysis/today --mart agg_school_absence --mart dim_schools --format csv
    """
    with bar("export") as progress:
        done = nightly.export(folder, list(marts), kind, progress=progress)
    rows = sum(item.rows for item in done)
    Console().print(
        f"{len(done)} files, {rows:,} rows in {folder}. They hold pseudonyms of children: keep them inside."
    )
