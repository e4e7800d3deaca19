"""Children that the council's feeds name: which namings mean one child.

The council's own key decides first, then the UPN, the former UPN, and names with birth date where one child only fits and
no two different numbers stand against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from rollcall.load.versions import Knowledge
from rollcall.warehouse.connect import Connection

NAMING: Final = ("la_child_id", "upn", "former_upn", "surname", "forename", "date_of_birth")
_SAME: Final = "concat_ws(chr(31), {})"
# Every naming of each child that shares a piece of evidence with a fresh one: no other child can be found.
_NEAR: Final = """
    select council_child_id, {columns} from identity.council_child
    where council_child_id in (
        select known.council_child_id from stage_naming as fresh
        inner join identity.council_child as known on known.la_child_id = fresh.la_child_id
        union
        select known.council_child_id from stage_naming as fresh
        inner join identity.council_child as known on known.upn = fresh.upn
        union
        select known.council_child_id from stage_naming as fresh
        inner join identity.council_child as known on known.upn = fresh.former_upn
        union
        select known.council_child_id from stage_naming as fresh
        inner join identity.council_child as known on known.former_upn = fresh.upn
        union
        select known.council_child_id from stage_naming as fresh
        inner join identity.council_child as known on known.date_of_birth = fresh.date_of_birth
    )
    order by naming_id
"""


class Naming(NamedTuple):
    """How a feed wrote a child; None where it said nothing."""

    la_child_id: str | None
    upn: str | None
    former_upn: str | None
    surname: str | None
    forename: str | None
    date_of_birth: date | None

    @property
    def names(self) -> tuple[str, str, date] | None:
        """Names and birth date as they are compared, or None where one is missing."""
        if self.surname and self.forename and self.date_of_birth:
            return self.surname.lower(), self.forename.lower(), self.date_of_birth
        return None


@dataclass
class _Known:
    """The children known so far, by each kind of evidence."""

    by_key: dict[str, int] = field(default_factory=dict)
    by_upn: dict[str, int] = field(default_factory=dict)
    by_former: dict[str, int] = field(default_factory=dict)
    by_names: defaultdict[tuple[str, str, date], set[int]] = field(default_factory=lambda: defaultdict(set))
    keys: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    upns: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, naming: Naming, child: int) -> None:
        if naming.la_child_id:
            self.by_key.setdefault(naming.la_child_id, child)
            self.keys[child].add(naming.la_child_id)
        if naming.upn:
            self.by_upn.setdefault(naming.upn, child)
            self.upns[child].add(naming.upn)
        if naming.former_upn:
            self.by_former.setdefault(naming.former_upn, child)
            self.upns[child].add(naming.former_upn)
        if naming.names:
            self.by_names[naming.names].add(child)

    def find(self, naming: Naming) -> int | None:
        if naming.la_child_id in self.by_key:
            return self.by_key[naming.la_child_id or ""]
        numbers = (
            self.by_upn.get(naming.upn or ""),
            self.by_upn.get(naming.former_upn or ""),
            self.by_former.get(naming.upn or ""),
        )
        for number in numbers:
            if number is not None and not self._has_other_key(naming, number):
                return number
        alike = self.by_names.get(naming.names, set()) if naming.names else set()
        fitting = [child for child in alike if not self._has_other_key(naming, child)]
        if len(fitting) != 1 or (naming.upn and self.upns[fitting[0]] - {naming.upn}):
            return None
        return fitting[0]

    def _has_other_key(self, naming: Naming, child: int) -> bool:
        return bool(naming.la_child_id and self.keys[child] - {naming.la_child_id})


def assign_children(
    known: Iterable[tuple[int, Naming]], fresh: Iterable[Naming], next_id: Callable[[], int]
) -> dict[Naming, int]:
    """The child of each fresh naming: one that is known by its evidence, or a new one.

    Namings with the council's own key are placed first, those with names alone last, so that the order of rows in a file
    decides nothing.
    """
    children = _Known()
    for child, naming in known:
        children.add(naming, child)
    assigned = {}
    for naming in sorted(fresh, key=_strength):
        found = children.find(naming)
        assigned[naming] = next_id() if found is None else found
        children.add(naming, assigned[naming])
    return assigned


def _strength(naming: Naming) -> tuple[Any, ...]:
    missing = (naming.la_child_id is None, naming.upn is None, naming.former_upn is None)
    return (*missing, *[str(value or "") for value in naming])


def resolve_children(connection: Connection, stage: str, knowledge: Knowledge) -> int:
    """Give every row of ``stage`` its ``council_child_id``; accepted rows may bring namings not seen before.

    A row withheld is only recognised: a broken row must not make a child. Returns the number of new namings.
    """
    columns = ", ".join(NAMING)
    connection.execute("drop table if exists stage_naming")
    connection.execute(
        f"create temp table stage_naming on commit drop as"
        f" select distinct {columns} from {stage} where not is_withheld and num_nonnulls({columns}) > 0"
        f" except select {columns} from identity.council_child"
    )
    rows = connection.execute(f"select {columns} from stage_naming").fetchall()
    if rows:
        known = connection.execute(_NEAR.format(columns=columns)).fetchall()
        assigned = assign_children(
            [(row[0], Naming(*row[1:])) for row in known],
            [Naming(*row) for row in rows],
            _fresh_ids(connection, len(rows)),
        )
        head = f"copy identity.council_child (council_child_id, {columns}, known_from, extract_id) from stdin"
        with connection.cursor() as cursor, cursor.copy(head) as copy:
            for naming, child in assigned.items():
                copy.write_row((child, *naming, knowledge.known_at, knowledge.extract_id))
    connection.execute(
        f"update {stage} set council_child_id = known.council_child_id from identity.council_child as known"
        f" where num_nonnulls({', '.join(f'{stage}.{name}' for name in NAMING)}) > 0"
        f" and {_naming(stage)} = {_naming('known')}"
    )
    return len(rows)


def _fresh_ids(connection: Connection, count: int) -> Callable[[], int]:
    """Surrogates for at most ``count`` children, drawn in one go."""
    query = "select nextval('register.council_child_id_seq') from generate_series(1, %s)"
    ids = iter([int(row[0]) for row in connection.execute(query, [count]).fetchall()])
    return lambda: next(ids)


def _naming(relation: str) -> str:
    parts = ", ".join(f"coalesce({relation}.{name}::text, '')" for name in NAMING)
    return _SAME.format(parts)
