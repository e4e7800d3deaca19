"""From the register to what everybody reads: build aside, audit, publish; or rebuild as it was known."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from rollcall.city import load_city
from rollcall.extract import Night
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect


def build(night: Night, *, full_refresh: bool = False) -> dict[str, Any]:
    """Build and test every mart aside; returns counts and warnings."""
    from rollcall.model import build_marts

    settings = load_settings()
    knowing = _knowing_every_load(settings, night)
    return asdict(build_marts(settings, load_city(settings.city_folder), knowing, full_refresh=full_refresh))


def parsed_meanwhile(night: Night) -> AbstractContextManager[None]:
    """Let dbt parse its project while a history is loaded, so that the first build after it need not."""
    from rollcall.model import parsed_meanwhile

    settings = load_settings()
    return parsed_meanwhile(settings, load_city(settings.city_folder), night)


def audit(night: Night) -> dict[str, Any]:
    """Compare every hop of the night; raises ``AuditFailed`` where one does not balance."""
    from rollcall.audit import audit_night

    settings = load_settings()
    year = load_city(settings.city_folder).academic_year_of(night.date).academic_year
    with connect(settings, "publisher") as connection:
        return asdict(audit_night(connection, night, year))


def publish(night: Night, figures: dict[str, int]) -> dict[str, Any]:
    """Say what moved and why, move the marts in one transaction and check who can read what."""
    from rollcall.audit import digest_marts, explain_movement, school_figures
    from rollcall.publish import Record, publish_marts

    settings = load_settings()
    year = load_city(settings.city_folder).academic_year_of(night.date).academic_year
    knowing = _knowing_every_load(settings, night)
    with connect(settings, "publisher") as connection:
        digests = digest_marts(connection)
        moved = explain_movement(connection, knowing, year, digests)
        counts = [(urn, measure, value) for (urn, measure), value in school_figures(connection, year).items()]
        connection.commit()
        return asdict(publish_marts(connection, knowing, figures, Record(year, digests, counts, moved)))


def rebuild_as_known(night: Night) -> dict[str, Any]:
    """Build the marts aside as they were known at ``night.known_at``."""
    from rollcall.model import build_marts

    settings = load_settings()
    city = load_city(settings.city_folder)
    return asdict(build_marts(settings, city, night, full_refresh=True, schema_suffix="_as_known"))


@dataclass(frozen=True)
class Comparison:
    """A past publication beside its rebuild: marts compared, the ones that differ, and inputs that changed since."""

    night: date
    known_at: datetime
    marts: int
    different: tuple[str, ...]
    inputs_changed: tuple[str, ...]


def compare_with_published(day: date) -> Comparison:
    """Rebuild the newest publication of a night aside, as it was known, and compare every mart's digest.

    Raises ``SettingsError`` where that night was never published.
    """
    from rollcall.audit import digest_marts, is_input
    from rollcall.errors import SettingsError

    settings = load_settings()
    with connect(settings, "publisher") as connection:
        found = connection.execute(
            "select publication_id, known_at from ops.publication where night = %s order by publication_id desc limit 1",
            [day],
        ).fetchone()
        if found is None:
            raise SettingsError(f"The night of {day} was never published.", next_action="See `rollcall status`.")
        rows = connection.execute(
            "select relation, rows, digest from ops.published_mart where publication_id = %s", [found[0]]
        ).fetchall()
    then = {relation: (int(count), int(digest)) for relation, count, digest in rows}
    rebuild_as_known(Night(day, found[1]))
    with connect(settings, "publisher") as connection:
        now = {item.relation: (item.rows, item.digest) for item in digest_marts(connection, "_as_known")}
    differs = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return Comparison(
        night=day,
        known_at=found[1],
        marts=sum(not is_input(name) for name in then),
        different=tuple(name for name in differs if not is_input(name)),
        inputs_changed=tuple(name for name in differs if is_input(name)),
    )


def _knowing_every_load(settings: Settings, night: Night) -> Night:
    """The night with the newest moment of knowledge in the register, the feeds and the schools' lines.

    A school's second extract of a night counts from just after its first one: the marts must know it too.
    """
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select greatest((select max(known_at) from register.extract where verdict = 'loaded'),"
            " (select max(known_at) from city.feed_extract where verdict = 'loaded'),"
            " (select max(known_at) from ops.school_night_version))"
        ).fetchone()
    newest = row[0] if row else None
    return replace(night, known_at=newest) if newest and newest > night.known_at else night
