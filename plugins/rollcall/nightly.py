"""The path, stage by stage, as the DAGs and the command line call it: each function is one task of a night.

Values handed between them are small and without a child's value, so that they may travel through Airflow.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from rollcall.city import City, School, load_city
from rollcall.errors import NothingDelivered, RollcallError, TransientError
from rollcall.extract import Extract, Night, Request
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect

Progress = Callable[[str, int, int], None]
_MIDDAY: Final = time(12)
_NEVER_RELEASED: Final = ("RC310", "RC320")


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


def choose_night(day: str | None, known_at: str | None, now: datetime) -> Night:
    """The night of a run: the day asked for, or the school day whose registers are now in.

    Before midday (London) that is the day before; weekends fall back to Friday. ``known_at`` defaults to ``now``; a
    replayed past night keeps its own date but counts from the moment that we really came to know.
    """
    if day:
        chosen = date.fromisoformat(day)
    else:
        local = now.astimezone(ZoneInfo("Europe/London"))
        chosen = local.date() if local.time() >= _MIDDAY else local.date() - timedelta(days=1)
        while chosen.weekday() > 4:
            chosen -= timedelta(days=1)
    return Night(chosen, datetime.fromisoformat(known_at) if known_at else now.astimezone(UTC))


def schools_to_ask(settings: Settings, night: Night, urns: list[int] | None = None) -> list[School]:
    """The connected schools whose register of the night is not in yet (or just the ones named)."""
    city = load_city(settings.city_folder)
    schools = [school for school in city.connected_schools() if _is_open(school, night.date)]
    if urns:
        return [school for school in schools if school.urn in urns]
    with connect(settings, "loader") as connection:
        rows = connection.execute("select urn from ops.school_night where night = %s and status = 'in'", [night.date])
        done = {row[0] for row in rows.fetchall()}
    return [school for school in schools if school.urn not in done]


def collect_school(urn: int, night: Night, connection_of: Callable[[str], Any] | None = None) -> list[str]:
    """Ask one school for its register and land what it sends; returns the addresses of the extracts.

    ``connection_of`` turns a connection's name into its credentials (Airflow passes its own). Raises
    ``NothingDelivered`` for a silent school and other typed errors; either way the school's line of the night says so.
    """
    from rollcall.connectors import connector_for, read_connection
    from rollcall.land import land
    from rollcall.load import deliveries_taken, watermark_of

    settings = load_settings()
    city = load_city(settings.city_folder)
    school = city.schools[urn]
    resolve = connection_of or (lambda name: read_connection(settings.connections_file, name))
    try:
        with connect(settings, "loader") as connection:
            since, taken = watermark_of(connection, urn), deliveries_taken(connection, urn)
        request = _request(city, night, since, taken)
        with tempfile.TemporaryDirectory(prefix=f"rollcall-{urn}-") as folder:
            deliveries = connector_for(school)(school, resolve(school.connection), request, Path(folder))
            landed = [land(settings.landing, school, night, delivery) for delivery in deliveries]
    except RollcallError as error:
        with connect(settings, "loader") as connection:
            _record(connection, urn, night, error)
        raise
    return [extract.landed_uri for extract in landed]


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
                record_failure(connection, extract.urn, night.date, error, "failed")
        if progress:
            progress("load", number, len(extracts))
    return _summary(settings, night, results, failed)


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


def collect_all(settings: Settings, night: Night, urns: list[int], progress: Progress) -> None:
    """Ask every school in this process, eight at a time; each school's fault is on its own line of the night."""
    from concurrent.futures import ThreadPoolExecutor, as_completed

    schools = schools_to_ask(settings, night, urns)
    with ThreadPoolExecutor(max_workers=8) as pool:
        waiting = [pool.submit(collect_school, school.urn, night) for school in schools]
        for done, future in enumerate(as_completed(waiting), start=1):
            error = future.exception()
            if error is not None and not isinstance(error, RollcallError):
                raise error
            progress("collect", done, len(schools))


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
    from rollcall.load import load_extract

    settings = load_settings()
    held = [
        extract for extract in _not_loaded(settings, list_extracts(settings.landing, night.date)) if extract.urn == urn
    ]
    if not held:
        raise SettingsError(
            f"No extract of school {urn} is held on {night.date}.", next_action="See `rollcall status`."
        )
    accepted = _accepted(held[-1])
    if accepted.verdict.reason_code in _NEVER_RELEASED or not accepted.verdict.pupils_accepted:
        raise SettingsError(
            f"The extract of school {urn} holds no readable register of that school: {accepted.verdict.reason}",
            next_action="Ask the school to send it again; an empty register must never end a roll.",
        )
    with connect(settings, "loader") as connection:
        return load_extract(connection, load_city(settings.city_folder), accepted, release=True)


def rebuild_as_known(night: Night) -> dict[str, Any]:
    """Build the marts aside as they were known at ``night.known_at``."""
    from rollcall.model import build_marts

    settings = load_settings()
    city = load_city(settings.city_folder)
    return asdict(build_marts(settings, city, night, full_refresh=True, schema_suffix="_as_known"))


def write_reports() -> list[str]:
    """Write what people open from the published marts; returns the files' names."""
    from rollcall.report.city import write_city_report

    settings = load_settings()
    city = load_city(settings.city_folder)
    with connect(settings, "bi_reader") as connection:
        return [str(path) for path in write_city_report(connection, city, settings.published)]


def write_data_docs(night: Night) -> str:
    """Build Great Expectations' Data Docs of a night, without a value of a child; returns the index's name."""
    from rollcall.land import list_extracts
    from rollcall.validate.data_docs import build_data_docs

    settings = load_settings()
    extracts = list_extracts(settings.landing, night.date)
    return build_data_docs(extracts, settings.published / "data-docs").name


def tell(night: Night) -> str:
    """Send the night's summary to whoever asked to be told; returns what was sent, to how many."""
    from rollcall.report import night_summary, send_summary

    settings = load_settings()
    with connect(settings, "loader") as connection:
        summary = night_summary(connection, load_city(settings.city_folder), night.date)
    return send_summary(summary)


def check_published(now: datetime) -> str:
    """Say that last night is published; raises ``AuditFailed`` with how far it came where it is not."""
    from rollcall.errors import AuditFailed
    from rollcall.report import night_summary, send_summary

    settings = load_settings()
    city = load_city(settings.city_folder)
    night = choose_night(None, None, now)
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select 1 from ops.publication where is_current and night >= %s", [night.date]
        ).fetchone()
        summary = night_summary(connection, city, night.date)
    if row or not any(night.date in city.school_days(urn) for urn in city.schools):
        return f"{night.date}: published, or no school was open"
    send_summary(summary)
    raise AuditFailed(f"The night of {night.date} is not published.", next_action="Run `rollcall status`.")


def _knowing_every_load(settings: Settings, night: Night) -> Night:
    """The night with the newest moment of knowledge in the register.

    A school's second extract of a night counts from just after its first one: the marts must know it too.
    """
    with connect(settings, "loader") as connection:
        row = connection.execute("select max(known_at) from register.extract where verdict = 'loaded'").fetchone()
    newest = row[0] if row else None
    return replace(night, known_at=newest) if newest and newest > night.known_at else night


def _request(city: City, night: Night, since: datetime | None, taken: dict[str, str]) -> Request:
    weekday = ("monday", "tuesday", "wednesday", "thursday", "friday").index(str(city.threshold("reconcile_weekday")))
    year = city.academic_year_of(night.date)
    is_reconcile = night.date.weekday() == weekday
    start = night.date - timedelta(days=int(city.threshold("window_days"))) if since else year.first_day
    return Request(
        night=night,
        window_from=max(start, year.first_day),
        window_to=night.date,
        since=since,
        is_reconcile=is_reconcile,
        taken=taken,
    )


def _record(connection: Any, urn: int, night: Night, error: RollcallError) -> None:
    from rollcall.load import record_failure

    record_failure(connection, urn, night.date, error, "silent" if isinstance(error, NothingDelivered) else "failed")


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
        row = connection.execute("select count(*) from ops.quarantine where night = %s", [night.date]).fetchone()
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


def _is_open(school: School, day: date) -> bool:
    return (school.open_date is None or school.open_date <= day) and (
        school.close_date is None or day <= school.close_date
    )
