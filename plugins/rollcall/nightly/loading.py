"""What was landed, judged and brought into the register: a night, a year's history, or one released extract."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollcall.city import City, load_city
from rollcall.errors import RollcallError, TransientError
from rollcall.extract import Extract, Night, Request
from rollcall.nightly.asking import Progress
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect


@dataclass(frozen=True)
class NightSummary:
    """What validate and load did with a night's extracts."""

    night: str
    known_at: str
    extracts: int
    loaded: int
    held: int
    failed: int
    marks_new: int
    marks_changed: int
    marks_removed: int
    marks_unchanged: int
    rows_quarantined: int


def validate_and_load(night: Night, *, workers: int = 2, progress: Progress | None = None) -> NightSummary:
    """Validate every extract landed for the night, then load what is accepted, school by school.

    One school's fault is written to its line and costs no other school its night. Repeating it changes nothing.
    """
    from rollcall.land import list_extracts
    from rollcall.load import LoadResult, load_extract, record_failure

    settings = load_settings()
    city = load_city(settings.city_folder)
    extracts = _in_source_order(_not_loaded(settings, list_extracts(settings.landing, night.date)))
    _validate(settings, city, extracts, workers, progress)
    results: list[LoadResult] = []
    failed = 0
    for number, extract in enumerate(extracts, start=1):
        try:
            with connect(settings, "loader") as connection:
                results.append(load_extract(connection, city, _accepted(extract)))
        except TransientError:
            # another writer, or no server: the whole task is tried again, and repeats nothing
            raise
        except RollcallError as error:
            failed += 1
            with connect(settings, "loader") as connection:
                record_failure(connection, extract.urn, night, error, "failed")
        if progress:
            progress("load", number, len(extracts))
    return _summary(settings, night, results, failed)


def load_history(night: Night, *, workers: int = 2, progress: Progress | None = None) -> NightSummary:
    """Land, validate and bulk-load one delivery a school from ``<home>/history``, for an empty year.

    Raises ``SettingsError`` where the year already holds marks: then each school's history is an ordinary delivery.
    """
    from rollcall.connectors import Connection
    from rollcall.connectors.folder import fetch
    from rollcall.errors import SettingsError
    from rollcall.land import land
    from rollcall.load import begin_history, end_history, load_history_extract

    settings = load_settings()
    city = load_city(settings.city_folder)
    year = city.academic_year_of(night.date)
    schools = [school for school in city.schools.values() if (settings.home / "history" / str(school.urn)).exists()]
    extracts = []
    drop = Connection("fs", extra={"path": str(settings.home / "history")})
    request = Request(night, year.first_day, night.date)
    for number, school in enumerate(schools, start=1):
        with tempfile.TemporaryDirectory(prefix=f"rollcall-{school.urn}-") as folder:
            deliveries = fetch(school, drop, request, Path(folder))
            extracts += [land(settings.landing, school, night, delivery) for delivery in deliveries]
        if progress:
            progress("land", number, len(schools))
    _validate(settings, city, extracts, workers, progress)
    with connect(settings, "publisher") as connection:
        if not begin_history(connection, year.first_day):
            raise SettingsError(
                f"{year.academic_year} already holds marks.",
                next_action="Drop the history as ordinary deliveries and run `rollcall night`.",
            )
    results = []
    try:
        for number, extract in enumerate(extracts, start=1):
            with connect(settings, "loader") as connection:
                results.append(load_history_extract(connection, city, _accepted(extract), year.first_day))
            if progress:
                progress("load", number, len(extracts))
    finally:
        with connect(settings, "publisher") as connection:
            end_history(connection, year.first_day)
    return _summary(settings, night, results, 0)


def release(urn: int, night: Night) -> Any:
    """Load the extract of a school that was held on a night; raises ``SettingsError`` where none is held."""
    from rollcall.errors import SettingsError
    from rollcall.land import list_extracts
    from rollcall.load import load_extract, may_be_released

    settings = load_settings()
    held = [
        extract for extract in _not_loaded(settings, list_extracts(settings.landing, night.date)) if extract.urn == urn
    ]
    if not held:
        raise SettingsError(
            f"No extract of school {urn} is held on {night.date}.", next_action="See `rollcall status`."
        )
    accepted = _accepted(held[-1])
    if not may_be_released(accepted.verdict.reason_code, accepted.verdict):
        raise SettingsError(
            f"The extract of school {urn} holds no readable register of that school: {accepted.verdict.reason}",
            next_action="Ask the school to send it again; an empty register must never end a roll.",
        )
    with connect(settings, "loader") as connection:
        return load_extract(connection, load_city(settings.city_folder), accepted, release=True)


def _not_loaded(settings: Settings, extracts: list[Extract]) -> list[Extract]:
    with connect(settings, "loader") as connection:
        rows = connection.execute(
            "select extract_hash from register.extract where extract_hash = any(%s) and verdict <> 'held'",
            [[extract.extract_hash for extract in extracts]],
        )
        done = {row[0] for row in rows.fetchall()}
    return [extract for extract in extracts if extract.extract_hash not in done]


def _validate(settings: Settings, city: City, extracts: list[Extract], workers: int, progress: Progress | None) -> None:
    from rollcall.validate import validate_all

    done = 0

    def count(verdict: Any) -> None:
        nonlocal done
        done += 1
        if progress:
            progress("validate", done, len(extracts))

    validate_all(extracts, city, _rolls(settings, extracts), workers=workers, progress=count)


def _accepted(extract: Extract) -> Any:
    from rollcall.load import Accepted
    from rollcall.validate import read_canonical, read_quarantine, read_verdict, read_withheld

    uri = extract.landed_uri
    return Accepted(extract, read_verdict(uri), *read_canonical(uri), read_quarantine(uri), *read_withheld(uri))


def _rolls(settings: Settings, extracts: list[Extract]) -> dict[int, Any]:
    from rollcall.load import read_roll

    with connect(settings, "loader") as connection:
        return {urn: read_roll(connection, urn) for urn in {extract.urn for extract in extracts}}


def _in_source_order(extracts: list[Extract]) -> list[Extract]:
    """An older statement of a school first, so that a newer one corrects it and not the other way round."""
    return sorted(extracts, key=lambda extract: (extract.urn, extract.source_time, extract.extract_hash))


def _summary(settings: Settings, night: Night, results: list[Any], failed: int) -> NightSummary:
    loaded = [result for result in results if result.status == "loaded"]
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select count(*) from ops.quarantine where night = %s and urn is not null", [night.date]
        ).fetchone()
    return NightSummary(
        night=str(night.date),
        known_at=night.known_at.isoformat(),
        extracts=len(results) + failed,
        loaded=len(loaded),
        held=sum(result.status == "held" for result in results),
        failed=failed,
        marks_new=sum(result.difference.new for result in loaded),
        marks_changed=sum(result.difference.changed for result in loaded),
        marks_removed=sum(result.difference.removed for result in loaded),
        marks_unchanged=sum(result.difference.unchanged for result in loaded),
        rows_quarantined=int(row[0]) if row else 0,
    )
