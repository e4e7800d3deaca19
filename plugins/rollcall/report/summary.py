"""The run summary: how a night stands, to be read in twenty seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from rollcall.city import City
from rollcall.warehouse.connect import Connection

_ORDER: Final = ("in", "late", "held", "failed", "silent", "superseded", "unset")
_WORDS: Final = (
    ("Absence, % of possible sessions", "sessions_absent", "sessions_possible"),
    ("Persistently absent, % of enrolments", "enrolments_persistently_absent", "enrolments"),
    ("Severely absent, % of enrolments", "enrolments_severely_absent", "enrolments"),
    ("Sessions known, % of expected", "sessions_known", "sessions_expected"),
)


@dataclass(frozen=True)
class SchoolLine:
    """A school that someone must look at: why, and what to press."""

    status: str
    school: str
    reason: str
    next_action: str


@dataclass(frozen=True)
class NightSummary:
    """A night in one value; ``figures`` holds (name, value now, movement since the set published before)."""

    city: str
    is_synthetic: bool
    night: date
    schools: dict[str, int]
    schools_expected: int
    exceptions: tuple[SchoolLine, ...]
    quarantined: tuple[SchoolLine, ...]
    rows_in: int
    loaded: int
    unchanged: int
    quarantined_rows: int
    not_used: int
    is_balanced: bool
    marks_new: int
    marks_changed: int
    marks_removed: int
    published: bool
    known_at: datetime | None
    figures: tuple[tuple[str, str, str], ...]
    next_action: str
    feeds: dict[str, int]
    feed_exceptions: tuple[SchoolLine, ...]


def night_summary(connection: Connection, city: City, night: date) -> NightSummary:
    """Read how a night stands from ``ops`` and the ledger."""
    lines = _lines(connection, night)
    lines += [(urn, "unset", "No register route is agreed yet.", "Agree a route.", 0) for urn in _unset(city)]
    schools = {status: sum(line[1] == status for line in lines) for status in _ORDER}
    exceptions = tuple(
        SchoolLine(status, _label(city, urn), reason or "", action or "")
        for urn, status, reason, action, _ in lines
        if status in ("late", "held", "failed", "silent")
    )
    quarantined = tuple(_quarantined(connection, city, night))
    rows = _rows(connection, night)
    publications = connection.execute(
        "select night, known_at, figures from ops.publication order by publication_id desc limit 2"
    ).fetchall()
    published = bool(publications) and publications[0][0] >= night
    return NightSummary(
        city=city.name,
        is_synthetic=city.is_synthetic,
        night=night,
        schools={status: count for status, count in schools.items() if count},
        schools_expected=len(city.connected_schools()) + schools["unset"],
        exceptions=exceptions,
        quarantined=quarantined,
        **rows,
        published=published,
        known_at=publications[0][1] if published else None,
        figures=_figures([row[2] for row in publications]) if published else (),
        next_action=_next_action(exceptions, published, night),
        **_feeds(connection, night),
    )


def _lines(connection: Connection, night: date) -> list[tuple[int, str, str | None, str | None, int]]:
    rows = connection.execute(
        "select urn, status, reason, next_action, rows_quarantined from ops.school_night where night = %s order by urn",
        [night],
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows.fetchall()]


def _unset(city: City) -> list[int]:
    return [urn for urn, school in sorted(city.schools.items()) if not school.connector]


def _label(city: City, urn: int) -> str:
    return city.schools[urn].label if urn in city.schools else f"URN {urn}"


def _quarantined(connection: Connection, city: City, night: date) -> list[SchoolLine]:
    rows = connection.execute(
        """
        select urn, count(*), string_agg(distinct rule, ', ' order by rule)
        from ops.quarantine
        where night = %s and urn in (select urn from ops.school_night where night = %s and status in ('in', 'late'))
        group by urn
        order by 2 desc
        """,
        [night, night],
    ).fetchall()
    return [
        SchoolLine("in", _label(city, urn), f"{count:,} rows quarantined ({rules}).", "See ops.quarantine.")
        for urn, count, rules in rows
    ]


def _feeds(connection: Connection, night: date) -> dict[str, Any]:
    """How many of the council's feeds stand how, and those that someone must look at (of whom `school` is the feed)."""
    rows = connection.execute(
        "select feed, status, reason, next_action, rows_quarantined from ops.feed_night where night = %s order by feed",
        [night],
    ).fetchall()
    counts: dict[str, int] = {}
    lines = []
    for feed, status, reason, action, quarantined in rows:
        counts[status] = counts.get(status, 0) + 1
        if status in ("missing", "held", "failed"):
            lines.append(SchoolLine(status, feed, reason or "", action or ""))
        elif quarantined:
            lines.append(SchoolLine("rows", feed, f"{quarantined:,} rows quarantined.", "See ops.quarantine."))
    return {"feeds": counts, "feed_exceptions": tuple(lines)}


def _rows(connection: Connection, night: date) -> dict[str, Any]:
    """Rows of marks: in = loaded (new and changed) + unchanged + quarantined + not used (repeated, held, older)."""
    row = (
        connection.execute(
            """
        select
            coalesce(sum(marks_in), 0),
            coalesce(sum(marks_new) filter (where verdict = 'loaded'), 0),
            coalesce(sum(marks_changed) filter (where verdict = 'loaded'), 0),
            coalesce(sum(marks_removed) filter (where verdict = 'loaded'), 0),
            coalesce(sum(marks_unchanged) filter (where verdict = 'loaded'), 0),
            coalesce(sum(marks_repeated) filter (where verdict = 'loaded'), 0)
                + coalesce(sum(marks_in) filter (where verdict <> 'loaded'), 0)
        from register.extract
        where night = %s
        """,
            [night],
        ).fetchone()
        or (0,) * 6
    )
    quarantined = connection.execute(
        """
        select count(*) from ops.quarantine
        inner join register.extract on quarantine.extract_hash = extract.extract_hash and extract.verdict = 'loaded'
        where quarantine.night = %s and quarantine.entity = 'marks'
        """,
        [night],
    ).fetchone() or (0,)
    rows_in, new, changed, removed, unchanged, not_used = (int(value) for value in row)
    return {
        "rows_in": rows_in,
        "loaded": new + changed,
        "unchanged": unchanged,
        "quarantined_rows": int(quarantined[0]),
        "not_used": not_used,
        "is_balanced": rows_in == new + changed + unchanged + int(quarantined[0]) + not_used,
        "marks_new": new,
        "marks_changed": changed,
        "marks_removed": removed,
    }


def _figures(sets: list[dict[str, int]]) -> tuple[tuple[str, str, str], ...]:
    figures = []
    for name, numerator, denominator in _WORDS:
        now, *before = [_percent(item, numerator, denominator) for item in sets]
        moved = f"{now - before[0]:+.2f}" if before and now is not None and before[0] is not None else ""
        figures.append((name, "" if now is None else f"{now:.2f}", moved))
    return tuple(figures)


def _percent(figures: dict[str, int], numerator: str, denominator: str) -> float | None:
    return 100 * figures[numerator] / figures[denominator] if figures.get(denominator) else None


def _next_action(exceptions: tuple[SchoolLine, ...], published: bool, night: date) -> str:
    if not published:
        return f"rollcall build --date {night}, and read what it says"
    if not exceptions:
        return "nothing: every school that was asked is in"
    urgent = [line for line in exceptions if line.status in ("held", "failed")] or list(exceptions)
    return f"{urgent[0].school}: {urgent[0].next_action}" + (f" ({len(exceptions) - 1} more)" if exceptions[1:] else "")
