"""`rollcall ask`: one query on the published set, as an analyst's own tool would send it."""

from __future__ import annotations

import click
import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rollcall.errors import SettingsError
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect

_MOST_ROWS = 200


@click.command()
@click.argument("query")
def ask(query: str) -> None:
    """Send one SQL query to the published marts (schema serve, read-only, 15 seconds) and show the answer.

    \b
    Examples:
      rollcall ask "select * from serve.publication"
      rollcall ask "select sessions_absent, sessions_possible from serve.agg_city_absence where period_type = 'year'"
    """
    try:
        with connect(load_settings(), "bi_reader") as connection:
            cursor = connection.execute(query.encode())
            rows = cursor.fetchmany(_MOST_ROWS + 1)
            names = [column.name for column in cursor.description or ()]
    except psycopg.Error as error:
        said = (error.diag.message_primary or type(error).__name__).strip()
        raise SettingsError(
            f"The warehouse does not answer this: {said}.",
            next_action="See the cookbook for queries, the data dictionary for marts and columns.",
        ) from error
    table = Table(*[escape(name) for name in names])
    for row in rows[:_MOST_ROWS]:
        table.add_row(*["" if value is None else escape(str(value)) for value in row])
    Console().print(table)
    if len(rows) > _MOST_ROWS:
        Console().print(f"The first {_MOST_ROWS} rows; for all of them `rollcall export`.")
