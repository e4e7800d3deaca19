"""Which night, which schools, and what each of them sends: choose, ask, land."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from rollcall.city import City, School, load_city
from rollcall.errors import NothingDelivered, RollcallError, SettingsError
from rollcall.extract import Night, Request
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect

Progress = Callable[[str, int, int], None]
_MIDDAY: Final = time(12)
_SCHOOL_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")


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
    from rollcall.load import watermark_and_taken

    settings = load_settings()
    city = load_city(settings.city_folder)
    school = city.schools[urn]
    resolve = connection_of or (lambda name: read_connection(settings.connections_file, name))
    try:
        with connect(settings, "loader") as connection:
            since, taken = watermark_and_taken(connection, urn)
        request = _request(city, urn, night, since, taken)
        with tempfile.TemporaryDirectory(prefix=f"rollcall-{urn}-") as folder:
            deliveries = connector_for(school)(school, resolve(school.connection), request, Path(folder))
            landed = [land(settings.landing, school, night, delivery) for delivery in deliveries]
    except RollcallError as error:
        with connect(settings, "loader") as connection:
            _record(connection, urn, night, error)
        raise
    return [extract.landed_uri for extract in landed]


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


def _request(city: City, urn: int, night: Night, since: datetime | None, taken: dict[str, str]) -> Request:
    year = city.academic_year_of(night.date)
    start = night.date - timedelta(days=int(city.threshold("window_days"))) if since else year.first_day
    return Request(
        night=night,
        window_from=max(start, year.first_day),
        window_to=night.date,
        since=since,
        is_reconcile=is_reconcile_night(city, urn, night.date),
        taken=taken,
    )


def is_reconcile_night(city: City, urn: int, day: date) -> bool:
    """Whether a school is asked on ``day`` for its whole window again: on one weekday, or each school on its own.

    ``spread`` gives a school the weekday of its URN's remainder by five, so that every night brings a fifth of them.
    Raises ``SettingsError`` where ``reconcile_weekday`` is neither that nor a school day.
    """
    setting = str(city.threshold("reconcile_weekday"))
    if setting == "spread":
        return day.weekday() == urn % len(_SCHOOL_DAYS)
    if setting not in _SCHOOL_DAYS:
        raise SettingsError(
            f"reconcile_weekday cannot be {setting!r}.",
            next_action=f"In settings.yml write spread or one of {', '.join(_SCHOOL_DAYS)}.",
        )
    return day.weekday() == _SCHOOL_DAYS.index(setting)


def _record(connection: Any, urn: int, night: Night, error: RollcallError) -> None:
    from rollcall.load import record_failure

    record_failure(connection, urn, night, error, "silent" if isinstance(error, NothingDelivered) else "failed")


def _is_open(school: School, day: date) -> bool:
    return (school.open_date is None or school.open_date <= day) and (
        school.close_date is None or day <= school.close_date
    )
