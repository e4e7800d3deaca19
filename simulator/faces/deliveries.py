"""One night's deliveries of the schools that send files, with that night's defects, and the log of what was spoilt."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from simulator.faces.template import (
    MARK_COLUMNS,
    MARK_ORDER,
    YEAR_START,
    control,
    load_marks,
    pupil_rows,
    write_csv,
    write_workbook,
)
from simulator.truth.store import Truth

BAD_ROWS = """
    select * from good union all
    select case n % 4 when 0 then 'UNKNOWN' else pupil_id end, case n % 4 when 1 then '2027-01-11'
        when 2 then '2026-02-30' else session_date end,
           case n % 4 when 3 then 'XX' else session end, code, minutes_late
    from (select *, row_number() over (order by pupil_id, session_date, session) as n from good) where n % 33 = 0"""


RECENT_DAYS = 42  # a mark may be put right five weeks later, and the export of that evening holds it
HALF_TERM_STARTS = ("2025-09-01", "2025-11-03", "2026-01-05", "2026-02-23", "2026-04-13", "2026-06-01")


def scope_start(night: str, connector: str, settings: str) -> str:
    """First day of the marks that a school's delivery of an evening speaks of.

    An interface tells every change, whatever its age. A workbook holds its half term; files hold the last six weeks, and
    on Fridays the year.
    """
    if connector == "wonde":
        return YEAR_START
    if settings == "file=xlsx":
        return max(day for day in HALF_TERM_STARTS if day <= night)
    day = date.fromisoformat(night)
    return YEAR_START if day.weekday() == 4 else max(YEAR_START, str(day - timedelta(days=RECENT_DAYS)))


def write_night(truth: Truth, night: str, sftp: Path, folder: Path) -> list[dict[str, Any]]:
    """Write the night's deliveries and append them to the truth's deliveries.json; returns the night's log."""
    db = load_marks(truth, night, ("sftp", "folder"))
    pupils = {int(urn): rows for urn, rows in pupil_rows(truth, night).groupby("urn")}
    defects = truth.defects(night)
    log = []
    for school in truth.schools[truth.schools["connector"].isin(["sftp", "folder"])].itertuples():
        root = (sftp if school.connector == "sftp" else folder) / str(school.urn)
        root.mkdir(parents=True, exist_ok=True)
        kind = defects.get(int(school.urn), "")
        scope_from = scope_start(night, school.connector, school.connector_settings)
        entry = _deliver(
            db,
            int(school.urn),
            night,
            root,
            pupils.get(int(school.urn), pd.DataFrame()),
            kind=kind,
            scope_from=scope_from,
            is_workbook=school.connector_settings == "file=xlsx",
        )
        log.append({"night": night, "urn": int(school.urn), "defect": kind, **entry})
    path = truth.folder / "deliveries.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = [row for row in before if row["night"] != night]
    path.write_text(json.dumps(kept + log, indent=0), encoding="utf-8")
    return log


def _deliver(
    db: duckdb.DuckDBPyConnection,
    urn: int,
    night: str,
    root: Path,
    pupils: pd.DataFrame,
    *,
    kind: str,
    scope_from: str,
    is_workbook: bool,
) -> dict[str, Any]:
    if kind == "silent":
        return {"delivered": False, "pupils": 0, "marks": 0}
    condition = f"urn = {urn} and session_date >= date '{scope_from}'"
    if kind == "half_gone":
        pupils = pupils.iloc[::2]
        db.register("still_there", pupils[["pupil_id"]])
        condition += " and pupil_id in (select pupil_id from still_there)"
    elif kind == "zero_rows":
        pupils, condition = pupils.iloc[:0], "false"
    query = f"select {MARK_COLUMNS} from marks where {condition} {MARK_ORDER}"
    if kind == "bad_rows":
        text = MARK_COLUMNS.replace("session_date", "session_date::varchar as session_date")
        query = f"with good as (select {text} from marks where {condition} {MARK_ORDER}) {BAD_ROWS}"
    count = db.execute(f"select count(*) from ({query})").fetchall()[0][0]
    totals = control(urn, scope_from, night, len(pupils), count)
    target = root / (f"register-{night}.part" if kind == "late" else f"register-{night}")
    if is_workbook:
        write_workbook(target, db.sql(query).to_arrow_table(), pupils, totals)
    else:
        write_csv(target, db, query, pupils, totals, encoding="cp1252" if kind == "cp1252" else "utf-8")
    return {"delivered": kind != "late", "pupils": len(pupils), "marks": count}
