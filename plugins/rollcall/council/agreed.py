"""Which feeds a city has agreed, how often each is due and who owns it: ``feeds.csv`` of the city folder."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rollcall.council.feeds import FEEDS
from rollcall.errors import SettingsError


@dataclass(frozen=True)
class Agreed:
    """One row of ``feeds.csv``: a file is due every so many days; ``owner`` is whom to ask, a team or a mailbox."""

    feed: str
    every_days: int
    owner: str

    def is_overdue(self, last: date | None, night: date) -> bool:
        """Whether a file should have come by the night, the last one having come on ``last``."""
        return last is None or (night - last).days >= self.every_days


def agreed_feeds(folder: Path) -> dict[str, Agreed]:
    """The agreed feeds by name; none where the folder has no ``feeds.csv``. Raises ``SettingsError`` with its line."""
    path = folder / "feeds.csv"
    if not path.is_file():
        return {}
    agreed = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                item = Agreed(row["feed"], int(row["every_days"]), row["owner"])
            except (KeyError, TypeError, ValueError) as error:
                raise SettingsError(f"feeds.csv line {line}: {error}.") from error
            if item.feed not in FEEDS or item.every_days < 1 or item.feed in agreed:
                raise SettingsError(f"feeds.csv line {line}: feed unknown or named twice, or every_days below 1.")
            agreed[item.feed] = item
    return agreed
