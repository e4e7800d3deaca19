"""The council's drop and good files of every feed: what the tests of the feeds drop, bring and look at."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from rollcall import nightly
from rollcall.council import FEEDS
from rollcall.extract import Night
from tests.registers import Register

Row = dict[str, str]
CHILD: Final[Row] = {
    "la_child_id": "C1", "upn": "H801200001001", "surname": "Canary-Quux", "forename": "Zebedee",
    "date_of_birth": "2015-03-17",
}  # fmt: skip
OTHER: Final[Row] = {"la_child_id": "C2", "surname": "Quux-Canary", "forename": "Ada", "date_of_birth": "2014-01-05"}
GOOD: Final[dict[str, Row]] = {
    "children": {"home_la": "831", "lsoa_code": "E01013453", "ward_code": "E05015507", "sex": "F"},
    "social_care": {"status": "cin", "start_date": "2026-01-05", "social_worker": "SW12", "team": "EAST",
                    "next_meeting_date": "2026-07-20"},
    "plans": {"urn": "900001", "plan": "part_time", "start_date": "2026-06-01", "expected_end_date": "2026-07-10",
              "weekly_sessions": "5", "review_date": "2026-06-22", "is_parent_agreed": "Y", "reason": "medical"},
    "home_education": {"notified_date": "2026-05-01", "start_date": "2026-05-04", "suitability": "not_yet"},
    "admissions": {"reference": "AD-1", "admission_round": "in_year", "applied_date": "2026-06-01",
                   "preferred_urn": "900002", "outcome": "pending"},
    "cme_cases": {"case_reference": "CME-1", "opened_date": "2026-06-02", "start_rule": "referral",
                  "status": "enquiry", "cme_reason": "unknown", "is_whereabouts_known": "N"},
    "school_returns": {"urn": "900001", "return_type": "deletion", "event_date": "2026-06-01",
                       "returned_date": "2026-06-02", "removal_ground": "g"},
    "legal": {"reference": "PN-1", "parent_key": "P77", "urn": "900001", "measure": "penalty_notice",
              "issued_date": "2026-06-10", "sessions": "12"},
    "meetings": {"urn": "900001", "meeting_date": "2026-06-16", "term": "summer", "attendees": "school link_officer"},
    "meeting_actions": {"reference": "TA-1", "urn": "900001", "meeting_date": "2026-06-16", "action": "home_visit",
                        "owner_role": "welfare_officer", "due_date": "2026-07-01"},
    "interventions": {"intervention": "mentoring", "since_date": "2026-06-15", "owner_role": "school"},
}  # fmt: skip
"""A good row of each feed, without its child."""


def row(feed: str, child: Row | None = None, **fields: str) -> Row:
    """A good row of a feed about a child (where the feed names one), but for these fields."""
    named = CHILD if child is None else child
    whole = (named if FEEDS[feed].child != "none" else {}) | GOOD[feed] | fields
    return {name: value for name, value in whole.items() if name in FEEDS[feed].stated}


@dataclass(frozen=True)
class Council:
    """A council beside a small register: it drops files, a night brings them."""

    register: Register

    @property
    def drop_folder(self) -> Path:
        """Where the council's files go."""
        return self.register.settings.drop / "council"

    def drop(
        self,
        feed: str,
        rows: list[Row],
        /,
        *,
        day: int = 6,
        mode: str | None = "delta",
        name: str = "export",
        data: bytes | None = None,
        **control: Any,
    ) -> Path:
        """Write a file taken on the afternoon of a day of July 2026; ``mode`` None leaves the control file out."""
        folder = self.drop_folder / feed
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{day}.csv"
        path.write_bytes(csv_bytes(feed, rows) if data is None else data)
        moment = datetime(2026, 7, day, 16, tzinfo=UTC)
        if mode is not None:
            stated = {"feed": feed, "version": 1, "mode": mode, "taken_at": moment.isoformat(), "rows": len(rows)}
            path.with_suffix(".control.json").write_text(json.dumps(stated | control))
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        return path

    def night(self, day: int = 6, feeds: list[str] | None = None) -> dict[str, str]:
        """Bring what was dropped by the evening of a day; returns feed -> status."""
        return nightly.bring_feeds(night_of(day), feeds)

    def give(self, feed: str, rows: list[Row], *, day: int = 6, **more: Any) -> str:
        """Drop one file and bring it; returns the feed's status."""
        self.drop(feed, rows, day=day, **more)
        return self.night(day, [feed])[feed]

    def current(self, feed: str, columns: str = "count(*)") -> list[tuple[Any, ...]]:
        """Columns of the current versions of a feed."""
        return self.register.rows(f"select {columns} from city.{FEEDS[feed].table} where is_current order by 1")

    def versions(self, feed: str) -> int:
        """How many versions the feed's table holds, past ones too."""
        return int(self.register.rows(f"select count(*) from city.{FEEDS[feed].table}")[0][0])

    def line(self, feed: str, day: int = 6) -> dict[str, Any]:
        """The feed's line of the night."""
        names = ("status", "reason_code", "reason", "next_action", "rows_in", "rows_new", "rows_changed", "rows_removed",
                 "rows_unchanged", "rows_quarantined")  # fmt: skip
        query = f"select {', '.join(names)} from ops.feed_night where feed = %s and night = %s"
        return dict(zip(names, self.register.rows(query, [feed, date(2026, 7, day)])[0], strict=True))

    def quarantined(self, feed: str) -> list[tuple[str, int, str]]:
        """File, line and rule of every quarantined row of a feed."""
        query = "select file, line, rule from ops.quarantine where entity = %s and urn is null order by line"
        return self.register.rows(query, [feed])  # type: ignore[return-value]

    def person_of(self, **naming: str) -> tuple[int, str, int]:
        """(person, method, confidence) of the child named so."""
        ((name, value),) = naming.items()
        return self.register.rows(
            "select distinct link.person_id, link.method, link.confidence from identity.council_child"
            f" inner join city.child_link as link using (council_child_id) where {name} = %s and link.is_current",
            [value],
        )[0]  # type: ignore[return-value]


def night_of(day: int) -> Night:
    """The night of a day of July 2026."""
    return Night(date(2026, 7, day), datetime(2026, 7, day, 19, 30, tzinfo=UTC))


def csv_bytes(feed: str, rows: list[Row], encoding: str = "utf-8") -> bytes:
    """Rows as CSV with every column of the interface."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FEEDS[feed].stated, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
