"""What the stages hand to one another: a delivery from a school, its landed extract, and the canonical tables."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

Mode = Literal["snapshot", "window", "delta"]
Format = Literal["template_csv", "template_xlsx", "wonde_json"]

PARSER_VERSION: Final = "1"
TEXT: Final = pa.string()
WORD: Final = pa.dictionary(pa.int32(), pa.string())

PUPILS: Final = pa.schema(
    [("file", TEXT), ("line", pa.int32()), ("pupil_id", TEXT)]
    + [(name, TEXT) for name in ("upn", "former_upn", "surname", "forename")]
    + [("date_of_birth", pa.date32()), ("sex", TEXT), ("nc_year", TEXT), ("registration_group", TEXT)]
    + [("entry_date", pa.date32()), ("leaving_date", pa.date32())]
    + [(name, TEXT) for name in ("leaving_reason", "removal_ground", "destination")]
    + [("destination_urn", pa.int32()), ("enrolment_status", TEXT)]
    + [(name, pa.bool_()) for name in ("is_boarder", "fsm", "eal", "looked_after", "cin", "cp")]
    + [(name, TEXT) for name in ("sen", "ethnicity", "first_language", "postcode")]
)
"""Canonical pupils: one row per enrolment as the school states it."""

MARKS: Final = pa.schema(
    [
        ("file", WORD),
        ("line", pa.int32()),
        ("pupil_id", WORD),
        ("session_date", pa.date32()),
        ("session", WORD),
        ("raw_code", WORD),
        ("code", WORD),
        ("minutes_late", pa.int16()),
        ("entry_date", pa.date32()),
    ]
)
"""Canonical marks: one row per pupil and session; ``code`` is null where the mark is unknown; ``entry_date`` names the
enrolment that the session falls in (set by the validate stage)."""

QUARANTINE: Final = pa.schema(
    [("file", TEXT), ("line", pa.int32()), ("entity", TEXT), ("rule", TEXT), ("reason", TEXT)]
)
"""Quarantined rows: where the row stands and which rule it broke, never a value of a child."""


@dataclass(frozen=True)
class Night:
    """One run of the registers: the school day it is about and the moment its knowledge counts from (UTC)."""

    date: date
    known_at: datetime


@dataclass(frozen=True)
class Request:
    """What a connector is asked for: marks from ``window_from`` to ``window_to``; changes since ``since`` where the
    source can tell; ``taken`` names the deliveries already landed (source path -> fingerprint)."""

    night: Night
    window_from: date
    window_to: date
    since: datetime | None = None
    is_reconcile: bool = False
    taken: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """Bytes brought from a school, in a temporary folder, with what the source says of their scope.

    ``is_complete`` is true only where the source finished the whole scope; only then may anything be removed.
    ``source_path`` and ``fingerprint`` let the next night recognise it without fetching it again.
    """

    folder: Path
    format: Format
    pupils_mode: Mode
    marks_mode: Mode
    scope_from: date | None
    scope_to: date | None
    is_complete: bool
    source_time: datetime
    source_path: str
    fingerprint: str
    control: dict[str, Any] | None = None


@dataclass(frozen=True)
class LandedFile:
    """One landed file: its name inside the extract, size in bytes and sha256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Extract:
    """A landed delivery: its manifest. ``extract_hash`` (school, modes, scope, file hashes) names it for ever."""

    extract_hash: str
    urn: int
    connector: str
    format: Format
    pupils_mode: Mode
    marks_mode: Mode
    scope_from: date | None
    scope_to: date | None
    is_complete: bool
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
    def from_json(cls, text: str) -> Extract:
        """Read a manifest back."""
        data = json.loads(text)
        for name in ("scope_from", "scope_to", "night"):
            data[name] = date.fromisoformat(data[name]) if data[name] else None
        for name in ("source_time", "known_at"):
            data[name] = datetime.fromisoformat(data[name])
        data["files"] = tuple(LandedFile(**item) for item in data["files"])
        return cls(**data)

    def with_uri(self, uri: str) -> Extract:
        """The same extract at another place."""
        return replace(self, landed_uri=uri)


def hash_of(urn: int, delivery: Delivery, files: tuple[LandedFile, ...]) -> str:
    """sha256 over school, modes, scope and bytes: the same delivery twice is the same extract."""
    parts = [str(urn), delivery.pupils_mode, delivery.marks_mode, str(delivery.scope_from), str(delivery.scope_to)]
    parts += [f"{item.name}:{item.sha256}" for item in sorted(files, key=lambda item: item.name)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What the validate stage decided of one extract, with counts for the reconciliation.

    ``status`` is ``accepted`` or ``held``. Every row that came in is accepted or quarantined:
    ``marks_in = marks_accepted + marks_quarantined + marks_repeated`` (repeated: same key, same content).
    """

    extract_hash: str
    status: Literal["accepted", "held"]
    reason_code: str
    reason: str
    pupils_in: int
    pupils_accepted: int
    pupils_quarantined: int
    pupils_repeated: int
    marks_in: int
    marks_accepted: int
    marks_quarantined: int
    marks_repeated: int
    marks_unmapped: int
    suite_version: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The verdict as it lies beside the extract."""
        return json.dumps(asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """Read a verdict back."""
        data = json.loads(text)
        data["warnings"] = tuple(data["warnings"])
        return cls(**data)
