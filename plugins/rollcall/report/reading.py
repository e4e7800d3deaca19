"""Reading the published set as ``bi_reader``: which publication it is, and rows of the views of ``serve``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from rollcall.warehouse.connect import Connection

Row = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """The publication that a page shows, and the night of the one before it."""

    night: date
    known_at: datetime
    code_version: str
    academic_year: str
    night_before: date | None


class Reader:
    """Reads views of ``serve``; every statement may use the names ``night``, ``known_at`` and ``year``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._values: Row = {}
        row = self.rows("select night, known_at, code_version from serve.publication")[0]
        year = self.rows(
            "select academic_year from serve.dim_dates where calendar_date = %(night)s", night=row["night"]
        )[0]["academic_year"]
        before = self.rows(
            "select night from serve.publications where known_at < %(known_at)s order by known_at desc limit 1",
            known_at=row["known_at"],
        )
        self.published = Published(**row, academic_year=year, night_before=before[0]["night"] if before else None)
        self._values = {"night": row["night"], "known_at": row["known_at"], "year": year}

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """The rows of a statement, as dictionaries."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, {**self._values, **values}).fetchall()
