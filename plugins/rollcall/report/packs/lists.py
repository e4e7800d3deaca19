"""Which children a pack of lists is about, and the SQL that every list of children has in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rollcall.city import City
from rollcall.errors import ExportRefused
from rollcall.report.packs.pack import Column, Coverage, read_coverage
from rollcall.report.reading import Reader, Row


@dataclass(frozen=True)
class Scope:
    """Whose children: one school's, one link officer's, one social worker's, or everybody's where all are empty."""

    urn: int | None = None
    officer: str | None = None
    worker: str | None = None

    def words(self, city: City) -> str:
        """The scope in words."""
        parts = [city.name if not (self.urn or self.officer or self.worker) else ""]
        parts += [city.schools[self.urn].label if self.urn else ""]
        parts += [f"schools of {self.officer}" if self.officer else ""]
        parts += [f"children of social worker {self.worker}" if self.worker else ""]
        return ", ".join(part for part in parts if part)

    @property
    def slug(self) -> str:
        """The scope as part of a file's name."""
        parts = [str(part) for part in (self.urn, self.officer, self.worker) if part]
        text = "-".join(parts) or "city"
        return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)

    def values(self) -> Row:
        """The values of the SQL condition ``IN_SCOPE``."""
        return {"urn": self.urn, "officer": self.officer, "worker": self.worker}


IN_SCOPE: Final = (
    "(%(urn)s::integer is null or schools.urn = %(urn)s)"
    " and (%(officer)s::text is null or schools.link_officer = %(officer)s)"
)
CHILD: Final = (Column("person_id", "Child"), Column("nc_year", "Year"))
SCHOOL: Final = (Column("school_name", "School"), Column("link_officer", "Link officer"))


def check_scope(scope: Scope, city: City) -> None:
    """Refuse a school or link officer that the city does not have: raises ``ExportRefused``."""
    if scope.urn is not None and scope.urn not in city.schools:
        raise ExportRefused(
            f"No school has the URN {scope.urn}.", next_action="Take the URN from schools.csv of the city folder."
        )
    officers = sorted({school.link_officer for school in city.schools.values() if school.link_officer})
    if scope.officer is not None and scope.officer not in officers:
        raise ExportRefused(
            f"No school has the link officer {scope.officer}.", next_action=f"One of: {', '.join(officers)}."
        )


def schools_in_scope(scope: Scope, city: City) -> Sequence[int] | None:
    """The schools of a scope; None where it is the whole city."""
    if scope.urn is not None:
        return [scope.urn]
    if scope.officer is not None:
        return [urn for urn, school in city.schools.items() if school.link_officer == scope.officer]
    return None


def coverage_of(reader: Reader, scope: Scope, city: City) -> Coverage:
    """The coverage of a scope's schools."""
    return read_coverage(reader, schools_in_scope(scope, city))
