"""The council's exports: one CSV a feed and evening, as its systems knew things then, with that night's defects.

The evening of the history brings a snapshot of every feed; later ones bring snapshots too, but of children and school
returns only what is new.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from simulator.faces.template import control as school_control
from simulator.faces.template import write_table
from simulator.truth.store import Truth

NAMING: Final = ["la_child_id", "upn", "former_upn", "surname", "forename", "date_of_birth"]
COLUMNS: Final = {
    "children": ["home_la", "lsoa_code", "ward_code", "sex", "known_since"],
    "social_care": ["status", "start_date", "end_date", "responsible_la", "home_la", "social_worker", "team",
                    "next_meeting_date", "last_contact_date"],
    "plans": ["urn", "plan", "start_date", "expected_end_date", "actual_end_date", "weekly_sessions", "review_date",
              "is_parent_agreed", "reason"],
    "home_education": ["notified_date", "start_date", "end_date", "suitability", "assessed_date", "last_school_urn"],
    "admissions": ["reference", "admission_round", "applied_date", "preferred_urn", "offered_urn", "offered_date",
                   "accepted_date", "expected_start_date", "outcome", "withdrawn_date"],
    "cme_cases": ["case_reference", "opened_date", "missing_since", "start_rule", "status", "confirmed_date",
                  "cme_reason", "last_school_urn", "is_whereabouts_known", "closed_date", "outcome"],
    "school_returns": ["urn", "return_type", "event_date", "returned_date", "removal_ground", "destination_urn"],
    "legal": ["reference", "parent_key", "urn", "measure", "issued_date", "period_first_date", "period_last_date",
              "sessions", "paid_date", "withdrawn_date", "prosecuted_date"],
    "meetings": ["urn", "meeting_date", "term", "attendees", "next_due_date"],
    "meeting_actions": ["reference", "urn", "meeting_date", "action", "owner_role", "due_date", "done_date"],
    "interventions": ["intervention", "since_date", "until_date", "urn", "owner_role"],
}  # fmt: skip
"""The interface of the feeds, version 1, without the columns that name the child."""

EVENTS: Final = (
    "end_date", "actual_end_date", "assessed_date", "offered_date", "accepted_date", "started_date", "withdrawn_date",
    "confirmed_date", "closed_date", "paid_date", "prosecuted_date", "done_date", "until_date",
)  # fmt: skip
"""Dates of things that happen after a record began: nobody knew them before their day."""

DELTAS: Final = ("children", "school_returns")


def records_as_known(truth: Truth, feed: str, evening: str) -> pd.DataFrame:
    """The feed's rows as the council's system held them on an evening: dates as ISO text, '' where nothing is stated;
    ``known_on`` and ``person_no`` stay in front."""
    table = pd.read_parquet(truth.folder / "council" / f"{feed}.parquet")
    at = pd.Timestamp(evening)
    table = table[pd.to_datetime(table["known_on"]) <= at].reset_index(drop=True)
    for name in EVENTS:
        if name in table:
            moment = pd.to_datetime(table[name])
            table[name] = moment.where(moment <= at)
    _derive(feed, table, at)
    names = ["known_on", *(["person_no", *NAMING] if feed != "meetings" else []), *COLUMNS[feed]]
    rows = table[names].copy()
    for name in rows.columns:
        if pd.api.types.is_datetime64_any_dtype(rows[name]):
            rows[name] = rows[name].dt.strftime("%Y-%m-%d")
    return rows.fillna("")


def write_council(truth: Truth, evening: str, drop: Path, *, is_history: bool = False) -> list[dict[str, Any]]:
    """Write the evening's exports into ``<drop>/council/<feed>/``; returns feed, rows and defect of each."""
    if not (truth.folder / "council").is_dir():
        return []
    defects = {} if is_history else truth.scenario.get("feed_defects", {}).get(evening, {})
    log = []
    for feed in COLUMNS:
        defect = defects.get(feed, "")
        rows = records_as_known(truth, feed, evening)
        mode = "snapshot" if is_history or feed not in DELTAS else "delta"
        if mode == "delta":
            recent = pd.Timestamp(evening) - pd.Timedelta(days=5)
            rows = rows[pd.to_datetime(rows["known_on"]) > recent]
        rows = rows.drop(columns=["known_on", "person_no"], errors="ignore").astype(str)
        log.append({"feed": feed, "rows": len(rows), "defect": defect})
        if defect != "silent":
            _write(drop / "council" / feed, feed, evening, mode, _spoil(rows, defect), defect)
    return log


def _derive(feed: str, table: pd.DataFrame, at: pd.Timestamp) -> None:
    """Columns that say how a record stands on the evening."""
    if feed == "social_care":
        since = (at - pd.to_datetime(table["start_date"])).dt.days.to_numpy()
        interval = table["interval_days"].to_numpy()
        # an overdue plan still shows the meeting that was not held
        steps = since // interval + np.where(table["is_overdue"], 0, 1)
        start = pd.to_datetime(table["start_date"])
        is_open = table["end_date"].isna().to_numpy()
        meeting = start + pd.to_timedelta(np.maximum(steps, 1) * interval, "D")
        table["next_meeting_date"] = meeting.where(is_open)
        table["last_contact_date"] = start + pd.to_timedelta(np.maximum(since, 0) // 14 * 14, "D")
    elif feed == "home_education":
        table.loc[table["assessed_date"].isna(), "suitability"] = "not_yet"
    elif feed == "cme_cases":
        table["status"] = np.where(table["confirmed_date"].notna(), "confirmed", "enquiry")
        table.loc[table["closed_date"].isna(), "outcome"] = ""
    elif feed == "admissions":
        stands = [
            (table["withdrawn_date"].notna(), "withdrawn"),
            (table["started_date"].notna(), "started"),
            (table["accepted_date"].notna(), "accepted"),
            (table["offered_date"].notna(), "offered"),
            (table["applied_date"].isna(), "no_application"),
        ]
        table["outcome"] = np.select([found for found, _ in stands], [name for _, name in stands], "pending")
        table.loc[table["offered_date"].isna(), ["offered_urn"]] = ""
        table.loc[table["offered_date"].isna(), ["expected_start_date"]] = pd.NaT


def _spoil(rows: pd.DataFrame, defect: str) -> pd.DataFrame:
    if defect == "bad_rows" and len(rows):
        spoilt = rows.iloc[:: max(1, len(rows) // 8)].head(8).copy()
        spoilt["start_date"] = "next week"
        # beside the good rows, as a broken export doubles them
        return pd.concat([rows, spoilt], ignore_index=True)
    if defect == "formula" and len(rows):
        spoilt = rows.iloc[:1].copy()
        spoilt["reference"], spoilt["surname"] = "AD-99999", '=HYPERLINK("http://example.invalid";"open")'
        return pd.concat([rows, spoilt], ignore_index=True)
    return rows


def _write(folder: Path, feed: str, evening: str, mode: str, rows: pd.DataFrame, defect: str) -> None:
    """The table first; the control file, written last, says that it is all there."""
    folder.mkdir(parents=True, exist_ok=True)
    encoding = "cp1252" if defect == "cp1252" else "utf-8"
    path = folder / f"{feed}-{evening}.csv"
    write_table(path, rows, encoding=encoding)
    taken_at = school_control(0, evening, evening, 0, 0)["taken_at"]
    stated = {"feed": feed, "version": 1, "mode": mode, "taken_at": taken_at, "rows": len(rows)}
    path.with_suffix(".control.json").write_text(json.dumps(stated), encoding="utf-8")
