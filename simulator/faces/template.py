"""The register template, version 1: deliveries as CSV with control totals, or as one workbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from simulator.truth.store import Truth, connect, marks_sql

PUPIL_COLUMNS = [
    "pupil_id", "upn", "former_upn", "surname", "forename", "date_of_birth", "sex", "nc_year",
    "registration_group", "entry_date",
    "leaving_date", "leaving_reason", "removal_ground", "destination", "destination_urn", "enrolment_status",
    "is_boarder", "fsm", "eal",
    "looked_after", "cin", "cp", "sen", "ethnicity", "first_language", "postcode",
]  # fmt: skip
MARK_COLUMNS = "pupil_id, session_date, session, code, minutes_late"
YES_NO = ["is_boarder", "fsm", "eal", "looked_after", "cin", "cp"]
YEAR_START = "2025-09-01"
# Minutes are a fixed function of enrolment and day, so that every face tells the same.
MINUTES_LATE = """case code when 'L' then 1 + (enrolment_no * 7 + epoch(session_date) // 86400) % 25
    when 'U' then 31 + (enrolment_no * 11 + epoch(session_date) // 86400) % 60 end::smallint"""


def pupil_rows(truth: Truth, evening: str) -> pd.DataFrame:
    """pupils.csv of every school as known on `evening`, one row per enrolment, with `urn` in front; all text."""
    rolls = truth.rolls_as_known(evening)
    rows = rolls.merge(truth.pupils.drop(columns=["person_no", "urn"]), on="pupil_no", validate="many_to_one")
    for name in YES_NO:
        rows[name] = rows[name].map({True: "Y", False: "N"})
    for name in ("entry_date", "leaving_date", "date_of_birth"):
        rows[name] = pd.to_datetime(rows[name]).dt.strftime("%Y-%m-%d").fillna("")
    rows["destination_urn"] = rows["destination_urn"].astype(str).replace("0", "")
    return rows[["urn", *PUPIL_COLUMNS]]


MARK_ORDER = "order by enrolment_no, session_date, half"


def load_marks(truth: Truth, evening: str, connectors: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """A database with view `marks` (urn, pupil_id, session_date, session, code, minutes_late; enrolment_no and half to
    order by) as known on `evening`.
    """
    db = connect()
    schools = truth.schools[truth.schools["connector"].isin(connectors)]
    db.register("wanted", schools[["urn"]])
    known = marks_sql(truth.folder, "e.urn in (select urn from wanted)")
    # numbers alone are kept: words are written, and rows put in order, for one school at a time
    db.execute(f"create table known as {known}", {"evening": evening})
    db.execute(
        f"""create table rolls as
            select e.urn, e.enrolment_no, p.pupil_id from read_parquet('{truth.folder}/enrolments.parquet') e
            join read_parquet('{truth.folder}/pupils.parquet') p using (pupil_no)"""
    )
    db.execute(
        f"""create view marks as
            select urn, pupil_id, session_date, case half when 1 then 'AM' else 'PM' end as session,
                coalesce(code, '') as code, {MINUTES_LATE} as minutes_late, enrolment_no, half
            from known join rolls using (enrolment_no)"""
    )
    return db


def control(urn: int, scope_from: str, evening: str, pupils: int, marks: int) -> dict[str, Any]:
    """Control totals of a snapshot taken at six in the evening, local time."""
    offset = "+01:00" if "03-29" <= evening[5:] < "10-25" else "+00:00"
    return {"template": 1, "urn": urn, "mode": "snapshot", "scope_from": scope_from, "scope_to": evening,
            "taken_at": f"{evening}T18:00:00{offset}", "pupils": pupils, "marks": marks}  # fmt: skip


def write_csv(
    folder: Path,
    db: duckdb.DuckDBPyConnection,
    query: str,
    pupils: pd.DataFrame,
    totals: dict[str, Any],
    *,
    encoding: str = "utf-8",
) -> None:
    """One CSV delivery; control.json is written last, because it says that the rest is there."""
    folder.mkdir(parents=True, exist_ok=True)
    marks = folder / "marks.csv"
    db.execute(f"copy ({query}) to '{marks}' (format csv, header true)")
    pupils[PUPIL_COLUMNS].to_csv(
        folder / "pupils.csv", index=False, encoding=encoding, errors="replace", lineterminator="\n"
    )
    (folder / "control.json").write_text(json.dumps(totals), encoding="utf-8")


def write_workbook(folder: Path, marks: pa.Table, pupils: pd.DataFrame, totals: dict[str, Any]) -> None:
    """register.xlsx with sheets pupils and marks, and control.json beside it; every cell is text."""
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(
        str(folder / "register.xlsx"), {"constant_memory": True, "strings_to_formulas": False}
    ) as book:
        sheets: dict[str, tuple[list[str], Any]] = {
            "pupils": (PUPIL_COLUMNS, pupils[PUPIL_COLUMNS].itertuples(index=False)),
            "marks": (marks.column_names, zip(*(column.to_pylist() for column in marks.columns), strict=True)),
        }
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header)
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, ["" if cell is None else str(cell) for cell in row])
    (folder / "control.json").write_text(json.dumps(totals), encoding="utf-8")


def write_history(truth: Truth, until: str, drop: Path) -> int:
    """A year-to-date snapshot of every school as known on the evening of `until`; returns the number of mark rows."""
    db = load_marks(truth, until, ("wonde", "sftp", "folder"))
    pupils = pupil_rows(truth, until)
    counts = dict(db.execute("select urn, count(*) from marks group by urn").fetchall())
    for urn, rows in pupils.groupby("urn"):
        school = int(urn)
        query = f"select {MARK_COLUMNS} from marks where urn = {school} {MARK_ORDER}"
        totals = control(school, YEAR_START, until, len(rows), counts.get(school, 0))
        write_csv(drop / str(school) / f"history-{until}", db, query, rows, totals)
    return sum(counts.values())
