"""One night's deliveries of the schools that send files, with that night's defects, and the log of what was spoilt."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.faces.known import QUOTED, YEAR_START, KnownMarks, Marks
from simulator.faces.template import PUPIL_COLUMNS, control, pupil_rows, write_csv
from simulator.faces.workbook import write_workbook
from simulator.truth.store import Truth

RECENT_DAYS = 42  # a mark may be put right five weeks later, and the export of that evening holds it
HALF_TERM_STARTS = ("2025-09-01", "2025-11-03", "2026-01-05", "2026-02-23", "2026-04-13", "2026-06-01")


def scope_start(night: str, urn: int, connector: str, settings: str) -> str:
    """First day of the marks that a school's delivery of an evening speaks of.

    An interface tells every change, whatever its age. A workbook holds its half term; files hold the last six weeks, and
    once a week, on a day of the school's own, the year.
    """
    if connector == "wonde":
        return YEAR_START
    if settings == "file=xlsx":
        return max(day for day in HALF_TERM_STARTS if day <= night)
    day = date.fromisoformat(night)
    return YEAR_START if day.weekday() == urn % 5 else max(YEAR_START, str(day - timedelta(days=RECENT_DAYS)))


def write_night(truth: Truth, night: str, sftp: Path, folder: Path) -> list[dict[str, Any]]:
    """Write the night's deliveries and append them to the truth's deliveries.json; returns the night's log."""
    known = KnownMarks(truth, night)
    pupils = {int(urn): rows for urn, rows in pupil_rows(truth, night).groupby("urn")}
    defects = truth.defects(night)
    log = []
    for school in truth.schools[truth.schools["connector"].isin(["sftp", "folder"])].itertuples():
        root = (sftp if school.connector == "sftp" else folder) / str(school.urn)
        root.mkdir(parents=True, exist_ok=True)
        kind = defects.get(int(school.urn), "")
        scope_from = scope_start(night, int(school.urn), school.connector, school.connector_settings)
        entry = _deliver(
            known,
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
    known: KnownMarks,
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
    if kind == "half_gone":
        pupils = pupils.iloc[::2]
    elif kind == "zero_rows":
        pupils = pupils.iloc[:0]
    still_there = pupils["pupil_id"] if kind in ("half_gone", "zero_rows") else None
    marks = known.of_school(urn, scope_from, still_there)
    spoilt = _bad_rows(marks) if kind == "bad_rows" else []
    count = len(marks) + len(spoilt)
    totals = control(urn, scope_from, night, len(pupils), count)
    target = root / (f"register-{night}.part" if kind == "late" else f"register-{night}")
    if is_workbook:
        write_workbook(target, marks.table(), pupils[PUPIL_COLUMNS], totals)
    else:
        lines = [marks.lines(), "".join(spoilt).encode()]
        write_csv(target, lines, pupils, totals, encoding="cp1252" if kind == "cp1252" else "utf-8")
    return {"delivered": kind != "late", "pupils": len(pupils), "marks": count}


def _bad_rows(marks: Marks) -> list[str]:
    """Every 33rd mark once more as a line of CSV, with an unknown pupil, a day to come, no day at all, or no session."""
    table = marks.table().to_pandas()
    ordered = table.sort_values(["pupil_id", "session_date", "session"], ignore_index=True)
    rows = ordered.iloc[32::33]
    turn = (rows.index.to_numpy() + 1) % 4
    rows = rows.assign(
        pupil_id=np.where(turn == 0, "UNKNOWN", rows["pupil_id"]),
        session_date=np.select([turn == 1, turn == 2], ["2027-01-11", "2026-02-30"], rows["session_date"]),
        session=np.where(turn == 3, "XX", rows["session"]),
        code=rows["code"].replace(QUOTED),
    )
    return [",".join(row) + "\n" for row in rows.itertuples(index=False)]
