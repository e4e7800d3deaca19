"""What the operator's page shows, read by a role that sees counts and reasons and no row of a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg.rows import dict_row

from rollcall.city import City
from rollcall.warehouse.connect import Connection

DAYS_SHOWN: Final = 15
STAGES: Final = ("ask", "validate", "load", "publish")
IN: Final = ("in", "late")

_LINES: Final = """
    select lines.urn, lines.status, lines.reason_code, lines.reason, lines.next_action, lines.marks_new,
        lines.marks_changed, lines.marks_removed, lines.rows_quarantined, lines.source_time, lines.updated_at,
        extract.verdict, extract.extract_id is not null as came,
        (select max(earlier.night) from ops.school_night as earlier
            where earlier.urn = lines.urn and earlier.night < lines.night and earlier.status = 'in') as last_whole
    from ops.school_night as lines
    left join register.extract on lines.extract_id = extract.extract_id
    where lines.night = %(night)s
"""
_PUBLICATION: Final = """
    select night, known_at, published_at, code_version from ops.publication where is_current
"""
_QUARANTINE: Final = """
    select entity, rule, count(*) as rows, count(distinct urn) as schools, min(reason) as reason,
        (select min(first.night) from ops.quarantine as first where first.rule = quarantine.rule) as first_seen
    from ops.quarantine as quarantine
    where night = %(night)s
    group by entity, rule order by rows desc, rule
"""
_FEEDS: Final = """
    select feed, status, reason_code, reason, next_action, rows_in, rows_quarantined
    from ops.feed_night where night = %(night)s order by feed
"""
_EFFECTS: Final = """
    select urn, measure, value_now, value_then from ops.release_effect where night = %(night)s
"""
_HOPS: Final = """
    select hop, count(*) filter (where is_ok) as balanced, count(*) filter (where not is_ok) as open
    from ops.recon where night = %(night)s group by hop order by hop
"""
_COVERAGE: Final = """
    with shown as (
        select session_date from (select distinct session_date from serve.fct_school_days where is_declared) as days
        order by session_date desc limit %(days)s
    )
    select urn, session_date, sessions_known, sessions_expected
    from serve.fct_school_days inner join shown using (session_date)
"""


@dataclass(frozen=True)
class SchoolLine:
    """One school tonight: how far it came at each stage, why it stopped, and since when it has not been whole."""

    urn: int
    label: str
    phase: str
    connector: str
    status: str
    stages: dict[str, str]
    code: str
    reason: str
    next_action: str
    last_whole: date | None
    source_time: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True)
class OperatorFigures:
    """Everything on the page; ``coverage`` is school -> day -> (known, expected) over the newest school days."""

    night: date
    nights: tuple[date, ...]
    published: dict[str, Any] | None
    schools: tuple[SchoolLine, ...]
    quarantine: tuple[dict[str, Any], ...]
    feeds: tuple[dict[str, Any], ...]
    effects: dict[int, dict[str, tuple[int, int]]]
    holds: dict[int, dict[str, Any]]
    hops: tuple[dict[str, Any], ...]
    days: tuple[date, ...]
    coverage: dict[int, dict[date, tuple[int, int]]]


def read_operator_figures(connection: Connection, city: City, night: date | None = None) -> OperatorFigures | None:
    """Read the page of a night (default: the newest); None where no night was ever run."""
    nights = [row["night"] for row in _all(connection, "select distinct night from ops.school_night order by 1 desc")]
    if not nights:
        return None
    shown = night if night is not None and night in nights else nights[0]
    published = next(iter(_all(connection, _PUBLICATION)), None)
    lines = {row["urn"]: row for row in _all(connection, _LINES, night=shown)}
    holds = {row["urn"]: row for row in _all(connection, "select urn, since, reason from ops.hold")}
    effects: dict[int, dict[str, tuple[int, int]]] = {}
    for row in _all(connection, _EFFECTS, night=shown):
        effects.setdefault(row["urn"], {})[row["measure"]] = (row["value_now"], row["value_then"])
    coverage: dict[int, dict[date, tuple[int, int]]] = {}
    if published:
        for row in _all(connection, _COVERAGE, days=DAYS_SHOWN):
            cell = (row["sessions_known"], row["sessions_expected"])
            coverage.setdefault(row["urn"], {})[row["session_date"]] = cell
    is_published = published is not None and published["night"] >= shown
    return OperatorFigures(
        night=shown,
        nights=tuple(nights[:20]),
        published=published,
        schools=tuple(_school(city, urn, lines.get(urn), is_published) for urn in city.schools),
        quarantine=tuple(_all(connection, _QUARANTINE, night=shown)),
        feeds=tuple(_all(connection, _FEEDS, night=shown)),
        effects=effects,
        holds=holds,
        hops=tuple(_all(connection, _HOPS, night=shown)),
        days=tuple(sorted({day for days in coverage.values() for day in days}, reverse=True)),
        coverage=coverage,
    )


def _school(city: City, urn: int, row: dict[str, Any] | None, is_published: bool) -> SchoolLine:
    school = city.schools[urn]
    status = row["status"] if row else "waiting" if school.connector else "unset"
    counts = ("marks_new", "marks_changed", "marks_removed", "rows_quarantined")
    return SchoolLine(
        urn=urn,
        label=school.name,
        phase=school.phase,
        connector=school.connector or "none",
        status=status,
        stages=stages_of(status, row, is_published=is_published),
        code=(row or {}).get("reason_code") or "",
        reason=(row or {}).get("reason") or _without_a_line(status),
        next_action=(row or {}).get("next_action") or "",
        last_whole=(row or {}).get("last_whole"),
        source_time=(row or {}).get("source_time"),
        counts={name: (row or {}).get(name) or 0 for name in counts},
    )


def stages_of(status: str, row: dict[str, Any] | None, *, is_published: bool) -> dict[str, str]:
    """How far a school came: for each stage ``done``, ``held``, ``failed``, ``silent``, ``late``, ``waiting`` or ``-``."""
    if row is None:
        return dict.fromkeys(STAGES, "waiting" if status == "waiting" else "-")
    if status in IN:
        last = "done" if is_published else "waiting"
        return {"ask": status if status == "late" else "done", "validate": "done", "load": "done", "publish": last}
    if status == "held":
        # the breaker and a hold by hand stop a sound extract at the register's door; a rule stops it before
        stopped = "load" if row["reason_code"] in ("RC331", "RC332") else "validate"
        order = list(STAGES[: STAGES.index(stopped)])
        return {stage: "done" if stage in order else "held" if stage == stopped else "-" for stage in STAGES}
    first = "ask" if not row["came"] else "load"
    return {
        stage: status if stage == first else "done" if first == "load" and stage == "ask" else "-" for stage in STAGES
    }


def _without_a_line(status: str) -> str:
    return "Not asked yet tonight." if status == "waiting" else "No register route is agreed yet."


def _all(connection: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()
