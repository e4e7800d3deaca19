"""What the council's feeds had told by a night: the rows of the exports that could be loaded, each of a known child."""

from __future__ import annotations

import pandas as pd

from simulator.faces.council import COLUMNS, DELTAS, records_as_known
from simulator.truth.store import Truth

DELTA_DAYS = 5
FEEDS = ("children", "social_care", "plans", "school_returns", "meetings", "meeting_actions")


def loaded_evenings(truth: Truth, feed: str, nights: list[str], history_until: str) -> list[str]:
    """The evenings whose export of a feed came, in order; the history's is always among them."""
    defects = truth.scenario.get("feed_defects", {})
    return [history_until, *(night for night in sorted(nights) if defects.get(night, {}).get(feed) != "silent")]


def feed_rows(truth: Truth, feed: str, nights: list[str], history_until: str) -> pd.DataFrame:
    """A feed's rows as held after the night: `person_no` (not of meetings) and the columns of its interface.

    A snapshot replaces what stood before; an export of changes adds what was new in its last days.
    """
    evenings = loaded_evenings(truth, feed, nights, history_until)
    rows = records_as_known(truth, feed, evenings[-1])
    if feed in DELTAS:
        known = pd.to_datetime(rows["known_on"])
        seen = known <= pd.Timestamp(history_until)
        for evening in evenings[1:]:
            at = pd.Timestamp(evening)
            seen |= (known > at - pd.Timedelta(days=DELTA_DAYS)) & (known <= at)
        rows = rows[seen]
    rows = rows[[name for name in ("person_no", *COLUMNS[feed]) if name in rows]].copy()
    for name in rows.columns:
        if name.endswith(("_date", "_since")):
            rows[name] = pd.to_datetime(rows[name].replace("", None))
        elif name == "urn":
            rows[name] = rows[name].astype("int64")
        elif name != "person_no":
            rows[name] = rows[name].replace("", None)
    return rows.reset_index(drop=True)
