"""The register template, version 1: deliveries as CSV with control totals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.faces.known import MARK_COLUMNS, YEAR_START, KnownMarks
from simulator.truth.store import Truth

PUPIL_COLUMNS = [
    "pupil_id", "upn", "former_upn", "surname", "forename", "date_of_birth", "sex", "nc_year",
    "registration_group", "entry_date",
    "leaving_date", "leaving_reason", "removal_ground", "destination", "destination_urn", "enrolment_status",
    "is_boarder", "fsm", "eal",
    "looked_after", "cin", "cp", "sen", "ethnicity", "first_language", "postcode",
]  # fmt: skip
YES_NO = ["is_boarder", "fsm", "eal", "looked_after", "cin", "cp"]


def pupil_rows(truth: Truth, evening: str) -> pd.DataFrame:
    """pupils.csv of every school as known on `evening`, one row per enrolment, with `urn` in front; all text."""
    return texts_of(truth, truth.rolls_as_known(evening))


def texts_of(truth: Truth, rolls: pd.DataFrame) -> pd.DataFrame:
    """Enrolments as pupils.csv tells them, in their order, with `urn` in front; all text."""
    rows = rolls.merge(truth.pupils.drop(columns=["person_no", "urn"]), on="pupil_no", validate="many_to_one")
    for name in YES_NO:
        rows[name] = rows[name].map({True: "Y", False: "N"})
    for name in ("entry_date", "leaving_date", "date_of_birth"):
        rows[name] = pd.to_datetime(rows[name]).dt.strftime("%Y-%m-%d").fillna("")
    rows["destination_urn"] = rows["destination_urn"].astype(str).replace("0", "")
    return rows[["urn", *PUPIL_COLUMNS]]


def control(urn: int, scope_from: str, evening: str, pupils: int, marks: int) -> dict[str, Any]:
    """Control totals of a snapshot taken at six in the evening, local time."""
    offset = "+01:00" if "03-29" <= evening[5:] < "10-25" else "+00:00"
    return {"template": 1, "urn": urn, "mode": "snapshot", "scope_from": scope_from, "scope_to": evening,
            "taken_at": f"{evening}T18:00:00{offset}", "pupils": pupils, "marks": marks}  # fmt: skip


def write_csv(
    folder: Path,
    marks: list[pa.Buffer | bytes],
    pupils: pd.DataFrame,
    totals: dict[str, Any],
    *,
    encoding: str = "utf-8",
) -> None:
    """One CSV delivery of lines of marks; control.json is written last, because it says that the rest is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "marks.csv").open("wb") as handle:
        handle.write((",".join(MARK_COLUMNS) + "\n").encode())
        handle.writelines(marks)
    write_table(folder / "pupils.csv", pupils[PUPIL_COLUMNS], encoding=encoding)
    (folder / "control.json").write_text(json.dumps(totals), encoding="utf-8")


def write_table(path: Path, rows: pd.DataFrame, *, encoding: str = "utf-8") -> None:
    """A table of text as CSV, quoted where need be; what the encoding lacks is written as a question mark."""
    columns = pa.Table.from_pandas(rows, preserve_index=False).combine_chunks()
    joined = pc.binary_join_element_wise(
        *(column.cast(pa.string()) for column in columns.columns), ",", null_handling="replace", null_replacement=""
    )
    text = "\n".join([",".join(rows.columns), *joined.to_pylist(), ""])
    lines = len(rows) + 1
    # columns joined as they are make the same file many times sooner, unless a value has to be quoted
    found = tuple(text.count(sign) for sign in (",", "\n", "\r", '"'))
    if found == (lines * (len(rows.columns) - 1), lines, 0, 0):
        path.write_bytes(text.encode(encoding, errors="replace"))
    else:
        rows.to_csv(path, index=False, encoding=encoding, errors="replace", lineterminator="\n")


def write_history(truth: Truth, until: str, drop: Path) -> int:
    """A year-to-date snapshot of every school as known on the evening of `until`; returns the number of mark rows."""
    known, count = KnownMarks(truth, until), 0
    for urn, rows in pupil_rows(truth, until).groupby("urn"):
        school = int(urn)
        marks = known.of_school(school)
        totals = control(school, YEAR_START, until, len(rows), len(marks))
        write_csv(drop / str(school) / f"history-{until}", [marks.lines()], rows, totals)
        count += len(marks)
    return count
