"""A school's line for a night: how it went, as the summary shows it, and as it was known at each moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rollcall.load.ledger import not_before_published
from rollcall.load.marks import NO_DIFFERENCE, MarkDifference
from rollcall.warehouse.connect import Connection


@dataclass(frozen=True)
class NightLine:
    """A school's line for a night, as the summary and every report show it."""

    urn: int
    night: date
    known_at: datetime
    status: str
    reason_code: str | None = None
    reason: str | None = None
    next_action: str | None = None
    extract_id: int | None = None
    rows_in: int = 0
    rows_quarantined: int = 0
    difference: MarkDifference = NO_DIFFERENCE
    source_time: datetime | None = None


def write_night_line(connection: Connection, line: NightLine) -> None:
    """Write the school's line. What several extracts of one night brought adds up; a repeated run of one replaces its
    own; and silence never overwrites a register that came, be it loaded or held."""
    counts = ("rows_in", "marks_new", "marks_changed", "marks_removed", "marks_unchanged", "rows_quarantined")
    sums = ", ".join(
        f"{name} = excluded.{name} + case when known.status in ('in', 'late') and excluded.status in ('in', 'late')"
        f" and known.extract_id <> excluded.extract_id then known.{name} else 0 end"
        for name in counts
    )
    connection.execute(
        f"""
        insert into ops.school_night as known (
            night, urn, status, reason_code, reason, next_action, extract_id, rows_in, marks_new, marks_changed,
            marks_removed, marks_unchanged, rows_quarantined, source_time
        )
        values (
            %(night)s, %(urn)s, %(status)s, %(reason_code)s, %(reason)s, %(next_action)s, %(extract_id)s, %(rows_in)s,
            %(new)s, %(changed)s, %(removed)s, %(unchanged)s, %(rows_quarantined)s, %(source_time)s
        )
        on conflict (night, urn) do update set
            status = excluded.status, reason_code = excluded.reason_code, reason = excluded.reason,
            next_action = excluded.next_action, extract_id = excluded.extract_id, source_time = excluded.source_time,
            updated_at = now(), {sums}
        where not (known.status in ('in', 'late', 'held') and excluded.status in ('silent', 'failed'))
        """,
        {
            **{name: getattr(line, name) for name in line.__dataclass_fields__ if name != "difference"},
            "new": line.difference.new,
            "changed": line.difference.changed,
            "removed": line.difference.removed,
            "unchanged": line.difference.unchanged,
        },
    )
    _keep_version(connection, line)


_LINE: Final = (
    "status", "reason_code", "reason", "rules_broken", "rows_in", "marks_new", "marks_changed", "marks_removed",
    "marks_unchanged", "marks_unmapped", "rows_quarantined", "source_time",
)  # fmt: skip


def _keep_version(connection: Connection, line: NightLine) -> None:
    """Keep the line as it now stands under the moment from which it is known, with what the marts say beside it.

    A line that says what it said before opens no version: a repeated night changes nothing.
    """
    columns = ", ".join(_LINE)
    connection.execute(
        f"""
        with line as (
            select
                school_night.*,
                (
                    select string_agg(distinct rule, ', ' order by rule)
                    from ops.quarantine where urn = %(urn)s and night = %(night)s
                ) as rules_broken,
                (
                    select coalesce(sum(marks_unmapped), 0)::integer
                    from register.extract where urn = %(urn)s and night = %(night)s and verdict = 'loaded'
                ) as marks_unmapped
            from ops.school_night
            where urn = %(urn)s and night = %(night)s
        ),

        latest as (
            select {columns} from ops.school_night_version
            where urn = %(urn)s and night = %(night)s
            order by known_at desc
            limit 1
        )

        insert into ops.school_night_version (night, urn, known_at, {columns})
        select night, urn, %(known_at)s, {columns} from line
        where not exists (select 1 from latest where ({_of("latest")}) is not distinct from ({_of("line")}))
        on conflict (night, urn, known_at) do update set ({columns}) = ({_of("excluded")})
        """,
        {"urn": line.urn, "night": line.night, "known_at": not_before_published(connection, line.known_at)},
    )


def _of(relation: str) -> str:
    return ", ".join(f"{relation}.{name}" for name in _LINE)
