"""What the aggregator knows at a moment: students, leavers and session marks as JSON rows, ready to be paged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from simulator.faces.happened import EPOCH, LONDON, Happened
from simulator.faces.template import texts_of
from simulator.faces.wonde_rows import mark_rows, student_rows
from simulator.truth.store import Truth


@dataclass
class Filters:
    """What a caller asked for: changes after a moment, marks of a range of dates."""

    updated_after: datetime | None = None
    date_from: str = "1900-01-01"
    date_to: str = "2999-12-31"


class AggregatorData:
    """What happened at the aggregator's schools; every answer is what had happened by the clock."""

    def __init__(self, truth: Truth, now: datetime) -> None:
        self.truth = truth
        self.happened = Happened(truth)
        self.urns = truth.schools.loc[truth.schools["connector"] == "wonde", "urn"].tolist()
        self.mis_id = truth.pupils.set_index("pupil_no")["mis_id"]
        self.set_clock(now)

    def set_clock(self, now: datetime) -> None:
        """Move the moment up to which everything is known."""
        self.now = now.astimezone(UTC)
        local = now.astimezone(LONDON)
        # Rolls change at 17:00: before that the last evening still stands.
        evening = local.date() if local.hour >= 17 else local.date() - timedelta(days=1)
        rolls = self.truth.rolls_as_known(evening.isoformat())
        rolls = rolls[rolls["urn"].isin(self.urns)]
        gone = rolls["leaving_date"].notna() & (rolls["leaving_date"] <= pd.Timestamp(evening))
        rows = texts_of(self.truth, rolls)
        rows["enrolment_no"] = rolls["enrolment_no"].to_numpy()
        rows["mis_id"] = rolls["pupil_no"].map(self.mis_id).to_numpy()
        rows["updated_at"] = rolls["leaving_known_on"].where(gone, rolls["entry_date"]).to_numpy()
        rows["is_leaver"] = gone.to_numpy()
        # a school's students on roll lie beside one another, and then its leavers
        self.students = rows.sort_values(["urn", "is_leaver"], kind="stable", ignore_index=True)
        self.lists = (self.students["urn"] * 2 + self.students["is_leaver"]).to_numpy()
        self.texts: dict[frozenset[str], pa.StringArray] = {}

    def marks(self, urn: int, leavers: bool, filters: Filters, includes: set[str]) -> pa.StringArray:
        """JSON rows of session marks: the latest state of each mark changed in the asked span; a register not
        taken has no row.
        """
        # a window needs the whole history of its marks; a delta only what happened since
        span = (filters.date_from, filters.date_to), filters.updated_after or EPOCH, self.now
        gone = self.students["enrolment_no"].to_numpy()[self._place(urn, True)]
        marks = self.happened.latest(urn, *span)
        return mark_rows(marks.where(np.isin(marks.enrolment, gone) == leavers), includes)

    def pupils(self, urn: int, leavers: bool, filters: Filters, includes: set[str]) -> pa.StringArray:
        """JSON rows of students on roll, or of leavers."""
        asked = frozenset(includes)
        if asked not in self.texts:
            # of all schools at once: a column of one school costs as much in calls as in rows
            self.texts[asked] = student_rows(self.students, includes)
        place = self._place(urn, leavers)
        rows = self.texts[asked][place]
        if filters.updated_after:
            changed = self.students["updated_at"].iloc[place]
            rows = rows.filter(pa.array(changed >= pd.Timestamp(filters.updated_after.date())))
        return rows

    def _place(self, urn: int, leavers: bool) -> slice:
        """Where the students of a list stand."""
        return slice(*np.searchsorted(self.lists, [urn * 2 + leavers, urn * 2 + leavers + 1]).tolist())
