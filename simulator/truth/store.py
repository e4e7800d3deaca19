"""Reading the truth back, as it was known on any evening."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that keeps its progress to itself."""
    import duckdb

    db = duckdb.connect()
    db.execute("set enable_progress_bar = false")
    return db


class Truth:
    """A written truth. Marks of a day are known at 16:30 of that day, corrections at 17:00 of the day they were
    made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schools = pd.read_parquet(folder / "schools.parquet")
        self.scenario: dict[str, Any] = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))

    @cached_property
    def pupils(self) -> pd.DataFrame:
        """One row per child and school, with the child's own facts beside the school's."""
        persons = pd.read_parquet(self.folder / "persons.parquet")
        columns = ["person_no", "date_of_birth", "sex", "ethnicity", "first_language", "postcode"]
        return pd.read_parquet(self.folder / "pupils.parquet").merge(
            persons[columns], on="person_no", validate="many_to_one"
        )

    @cached_property
    def enrolments(self) -> pd.DataFrame:
        """Every stay on a roll, with leaving dates as finally known."""
        return pd.read_parquet(self.folder / "enrolments.parquet")

    def defects(self, night: str) -> dict[int, str]:
        """Defect of each school on `night`."""
        return {row["urn"]: row["kind"] for row in self.scenario["defects"].get(night, [])}

    def rolls_as_known(self, evening: str) -> pd.DataFrame:
        """Enrolments begun by `evening`; a leaving that no system showed yet is blank."""
        at = pd.Timestamp(evening)
        rolls = self.enrolments[self.enrolments["entry_date"] <= at].copy()
        hidden = rolls["leaving_known_on"].isna() | (rolls["leaving_known_on"] > at)
        rolls.loc[hidden, "leaving_date"] = pd.NaT
        rolls.loc[hidden, ["leaving_reason", "removal_ground", "destination"]] = ""
        rolls.loc[hidden, "destination_urn"] = 0
        return rolls


def marks_as_known(truth: Truth, evening: str, where: str = "true") -> pa.Table:
    """Marks known by `evening`: enrolment_no, session_date, half, code (null = not taken) as last corrected by then.

    `where` is a SQL condition of ours on the enrolment (`e`) or the mark (`m`), such as `e.urn = 900001`.
    """
    with connect() as db:
        return db.sql(marks_sql(truth.folder, where), params={"evening": evening}).to_arrow_table()


def marks_sql(folder: Path, where: str = "true") -> str:
    """The query behind `marks_as_known`, with `$evening` bound by the caller."""
    return f"""
        with latest as (
            select enrolment_no, session_date, half,
                   count(*) filter (corrected_on <= $evening::date) as steps,
                   arg_max(coalesce(new_code::varchar, ''), corrected_on)
                       filter (corrected_on <= $evening::date) as code
            from read_parquet('{folder}/corrections.parquet') group by all)
        select m.enrolment_no, m.session_date, m.half,
               case when l.steps > 0 then nullif(l.code, '') else m.first_code::varchar end as code
        from read_parquet('{folder}/marks.parquet') m
        join read_parquet('{folder}/enrolments.parquet') e using (enrolment_no)
        left join latest l using (enrolment_no, session_date, half)
        where m.known_at <= $evening::date and {where}"""
