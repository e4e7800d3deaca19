"""What was landed, judged and brought into the register: a night, a year's history, or one released extract."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rollcall.city import City, School, load_city
from rollcall.errors import RollcallError, TransientError
from rollcall.extract import Extract, Night, Request
from rollcall.nightly.asking import Progress
from rollcall.nightly.extracts import accepted_of, not_loaded
from rollcall.nightly.releasing import keep_effects
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import Connection, connect


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
    """Validate every extract landed for the night, and load what is accepted, school by school, as the verdicts come.

    One school's fault is written to its line and costs no other school its night. Repeating it changes nothing.
    """
    from rollcall.land import list_extracts
    from rollcall.load import LoadResult, load_extract, record_failure

    settings = load_settings()
    city = load_city(settings.city_folder)
    extracts = _in_source_order(not_loaded(settings, list_extracts(settings.landing, night.date)))
    results: list[LoadResult] = []
    held: list[Any] = []
    failed = 0
    rolls = _rolls(settings, (extract.urn for extract in extracts))
    judged = _validated(city, extracts, rolls, workers, progress)
    with _connection_when_asked(settings) as connection:
        for number, (extract, reading) in enumerate(_read_ahead(judged), start=1):
            try:
                accepted = reading.result()
                with connection().transaction():
                    results.append(load_extract(connection(), city, accepted))
                held += [accepted] if results[-1].status == "held" else []
            except TransientError:
                # another writer, or no server: the whole task is tried again, and repeats nothing
                raise
            except RollcallError as error:
                failed += 1
                with connection().transaction():
                    record_failure(connection(), extract.urn, night, error, "failed")
            if progress:
                progress("load", number, len(extracts))
    keep_effects(settings, city, held)
    return _summary(settings, night, results, failed)


def load_history(night: Night, *, workers: int = 2, progress: Progress | None = None) -> NightSummary:
    """Land, validate and bulk-load one delivery a school from ``<home>/history``, for an empty year.

    Raises ``SettingsError`` where the year already holds marks: then each school's history is an ordinary delivery.
    """
    from rollcall.errors import SettingsError
    from rollcall.load import begin_history, end_history, load_history_extract

    settings = load_settings()
    city = load_city(settings.city_folder)
    year = city.academic_year_of(night.date)
    schools = [school for school in city.schools.values() if (settings.home / "history" / str(school.urn)).exists()]
    rolls = _rolls(settings, (school.urn for school in schools))
    with connect(settings, "publisher") as connection:
        if not begin_history(connection, year.first_day):
            raise SettingsError(
                f"{year.academic_year} already holds marks.",
                next_action="Drop the history as ordinary deliveries and run `rollcall night`.",
            )
    results = []
    try:
        landed = _landed(settings, schools, Request(night, year.first_day, night.date), progress)
        judged = _validated(city, landed, rolls, workers, progress)
        with _connection_when_asked(settings) as loader:
            for number, (_, reading) in enumerate(_read_ahead(judged), start=1):
                accepted = reading.result()
                with loader().transaction():
                    results.append(load_history_extract(loader(), city, accepted, year.first_day))
                if progress:
                    progress("load", number, len(schools))
    finally:
        with connect(settings, "publisher") as connection:
            end_history(connection, year.first_day)
    return _summary(settings, night, results, 0)


def _landed(settings: Settings, schools: list[School], request: Request, progress: Progress | None) -> list[Extract]:
    """Each school's history in the landing store: nothing of any is loaded before all are there."""
    from rollcall.connectors import Connection as Source
    from rollcall.connectors.folder import fetch
    from rollcall.land import land
    from rollcall.validate import prepare

    drop = Source("fs", extra={"path": str(settings.home / "history")})

    def bring(school: School) -> list[Extract]:
        with tempfile.TemporaryDirectory(prefix=f"rollcall-{school.urn}-") as folder:
            deliveries = fetch(school, drop, request, Path(folder))
            return [land(settings.landing, school, request.night, delivery) for delivery in deliveries]

    landed: list[Extract] = []
    # threads: to copy and to hash a file needs no interpreter
    with ThreadPoolExecutor(3) as pool:
        pool.submit(prepare)
        for number, extracts in enumerate(pool.map(bring, schools), start=1):
            landed += extracts
            if progress:
                progress("land", number, len(schools))
    return landed


def _validated(
    city: City,
    extracts: list[Extract],
    rolls: dict[int, Any],
    workers: int,
    progress: Progress | None,
) -> Iterator[Extract]:
    """Each extract once it has its verdict, in the given order; the others are still being read meanwhile."""
    from rollcall.validate import validate_all

    verdicts = validate_all(extracts, city, rolls, workers=workers)
    for number, (_, extract) in enumerate(zip(verdicts, extracts, strict=True), start=1):
        if progress:
            progress("validate", number, len(extracts))
        yield extract


def _read_ahead(judged: Iterable[Extract]) -> Iterator[tuple[Extract, Future[Any]]]:
    """Each judged extract with what is to be loaded of it, which is read while the one before it is loaded."""
    with ThreadPoolExecutor(1) as reader:
        waiting: list[tuple[Extract, Future[Any]]] = []
        for extract in judged:
            waiting.append((extract, reader.submit(accepted_of, extract)))
            if len(waiting) > 1:
                yield waiting.pop(0)
        yield from waiting


@contextmanager
def _connection_when_asked(settings: Settings) -> Iterator[Callable[[], Connection]]:
    """One connection for all extracts, each loaded in a transaction of its own; made when it is first asked for.

    The processes that validate are forked before that: there is no connection yet that they could inherit.
    """
    with ExitStack() as stack:

        @cache
        def ask() -> Connection:
            connection = stack.enter_context(connect(settings, "loader"))
            # statements name temporary tables that every extract makes anew: each is planned for what it finds
            connection.prepare_threshold = None
            return connection

        yield ask


def _rolls(settings: Settings, urns: Iterable[int]) -> dict[int, Any]:
    from rollcall.load import read_rolls

    with connect(settings, "loader") as connection:
        return read_rolls(connection, urns)


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
