"""What the stages hand to one another about a feed: the delivery, its landed extract and its verdict."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from rollcall.extract import LandedFile

FeedMode = Literal["snapshot", "delta"]
PARSER_VERSION: Final = "1"


@dataclass(frozen=True)
class FeedDelivery:
    """One file of a feed with its control file, copied into a folder of its own.

    ``mode`` is ``snapshot`` only where the control file says so: then what the file lacks was removed.
    """

    feed: str
    folder: Path
    mode: FeedMode
    source_time: datetime
    source_path: str
    fingerprint: str
    control: dict[str, Any] | None = None


@dataclass(frozen=True)
class FeedExtract:
    """A landed delivery of a feed: its manifest. ``extract_hash`` (feed, mode, moment, bytes) names it for ever."""

    extract_hash: str
    feed: str
    mode: FeedMode
    source_time: datetime
    source_path: str
    fingerprint: str
    night: date
    known_at: datetime
    files: tuple[LandedFile, ...]
    landed_uri: str
    control: dict[str, Any] | None = None
    parser_version: str = PARSER_VERSION

    def to_json(self) -> str:
        """The manifest as it lies beside the data."""
        return json.dumps(asdict(self), default=str, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FeedExtract:
        """Read a manifest back."""
        data = json.loads(text)
        data["night"] = date.fromisoformat(data["night"])
        for name in ("source_time", "known_at"):
            data[name] = datetime.fromisoformat(data[name])
        data["files"] = tuple(LandedFile(**item) for item in data["files"])
        return cls(**data)

    def with_uri(self, uri: str) -> FeedExtract:
        """The same extract at another place."""
        return replace(self, landed_uri=uri)


@dataclass(frozen=True)
class FeedVerdict:
    """What the validate stage decided of one extract: ``rows_in = accepted + quarantined + repeated``."""

    extract_hash: str
    status: Literal["accepted", "held"]
    reason_code: str
    reason: str
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    rows_repeated: int
    suite_version: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The verdict as it lies beside the extract."""
        return json.dumps(asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FeedVerdict:
        """Read a verdict back."""
        data = json.loads(text)
        data["warnings"] = tuple(data["warnings"])
        return cls(**data)


def hash_of_feed(delivery: FeedDelivery, files: tuple[LandedFile, ...]) -> str:
    """sha256 over feed, mode, moment and bytes: the same file twice is the same extract.

    The moment counts, because a table that says again what it said last week is a new statement of this week.
    """
    parts = [delivery.feed, delivery.mode, delivery.source_time.isoformat()]
    parts += [f"{item.name}:{item.sha256}" for item in files if item.name.endswith(".csv")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
