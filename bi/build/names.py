"""Names that never change: a thing has the same identifier in every installation, whatever becomes of its text."""

from __future__ import annotations

import uuid
from typing import Final

VERSION: Final = "1.0.0"
DATABASE: Final = "Rollcall warehouse"
SCHEMA: Final = "serve"
_SPACE: Final = uuid.UUID("5f6d6a1e-3c1b-5d0a-9c57-2a6f1e7b8311")


class DescriptionError(ValueError):
    """A description that cannot become a dataset, a chart or a dashboard: the text names the file's entry and the fault."""


def identifier(kind: str, name: str) -> str:
    """The identifier of a thing of a kind (database, dataset, chart, dashboard, filter)."""
    return str(uuid.uuid5(_SPACE, f"{kind}/{name}"))


def title_of(column: str) -> str:
    """A column's heading: its name in plain words."""
    words = column.removeprefix("is_").split("_")
    return " ".join(words).capitalize() if column not in _TITLES else _TITLES[column]


_TITLES: Final = {
    "person_id": "Child (pseudonym)",
    "urn": "URN",
    "is_fsm": "Free school meals",
    "sen": "SEN provision",
    "is_cin": "In need",
    "is_cp": "Protection plan",
    "is_in": "In",
    "sessions_g": "G",
    "sessions_n": "N",
    "sessions_o": "O",
    "sessions_u": "U",
}
