"""From the register to what everybody reads: build aside, audit, publish; or rebuild as it was known."""

from __future__ import annotations

from dataclasses import asdict, replace
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


def audit(night: Night) -> dict[str, Any]:
    """Compare every hop of the night; raises ``AuditFailed`` where one does not balance."""
    from rollcall.audit import audit_night

    settings = load_settings()
    year = load_city(settings.city_folder).academic_year_of(night.date).academic_year
    with connect(settings, "publisher") as connection:
        return asdict(audit_night(connection, night, year))


def publish(night: Night, figures: dict[str, int]) -> dict[str, Any]:
    """Move the marts in one transaction and check who can read what."""
    from rollcall.publish import publish_marts

    settings = load_settings()
    knowing = _knowing_every_load(settings, night)
    with connect(settings, "publisher") as connection:
        return asdict(publish_marts(connection, knowing, figures))


def rebuild_as_known(night: Night) -> dict[str, Any]:
    """Build the marts aside as they were known at ``night.known_at``."""
    from rollcall.model import build_marts

    settings = load_settings()
    city = load_city(settings.city_folder)
    return asdict(build_marts(settings, city, night, full_refresh=True, schema_suffix="_as_known"))


def _knowing_every_load(settings: Settings, night: Night) -> Night:
    """The night with the newest moment of knowledge in the register and the feeds.

    A school's second extract of a night counts from just after its first one: the marts must know it too.
    """
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select greatest((select max(known_at) from register.extract where verdict = 'loaded'),"
            " (select max(known_at) from city.feed_extract where verdict = 'loaded'))"
        ).fetchone()
    newest = row[0] if row else None
    return replace(night, known_at=newest) if newest and newest > night.known_at else night
