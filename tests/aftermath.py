"""What follows the three nights: a release, builds and publishes that must fail, one that readers watch, a rebuild."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from rollcall import nightly
from rollcall.errors import RollcallError
from rollcall.warehouse.roles import READERS
from tests.access import Reach, reach_of
from tests.tiny_city import HALF_GONE, NIGHTS, SECONDARY, TinyCity, night_of

# one statement over three marts and the publication: what a dashboard's tile would ask
_WHOLE_SET: Final = """
    select
        (select published_at::text from serve.publication),
        (select sum(sessions_possible) from serve.agg_school_absence where period_type = 'year'),
        (select sum(sessions_possible) from serve.agg_city_absence where period_type = 'year'),
        (select sum(sessions_possible) from serve.fct_enrolment_absence where period_type = 'year')
"""
_MOVED: Final = ("sessions_possible", "sessions_absent", "enrolments", "persistent", "severe")
_OF_MARTS: Final = """
    select sessions_possible, sessions_absent, enrolments, enrolments_persistently_absent, enrolments_severely_absent
    from marts.agg_school_absence where period_type = 'year' and urn = %s
"""
_ROLL: Final = """
    select count(*) filter (where leaving_reason = 'vanished from roll'), count(*)
    from register.enrolment where is_current and urn = %s
"""


@dataclass(frozen=True)
class Standing:
    """What is published: the hashes of the marts and the publications so far."""

    hashes: dict[str, str]
    publications: int


@dataclass(frozen=True)
class Failure:
    """An attempt that must fail: the error's code, its text, and what was published before and after it."""

    code: str
    text: str
    before: Standing
    after: Standing


@dataclass(frozen=True)
class Aftermath:
    """Everything that was seen."""

    would_move: dict[str, tuple[int, int]]
    kept: dict[str, tuple[int, int]]
    moved: dict[str, int]
    release: Any
    status_after_release: str
    vanished: tuple[int, int]
    unbalanced: Failure
    leaking: Failure
    failing_test: Failure
    watched: list[tuple[Any, ...]]
    reader_errors: list[str]
    set_before: tuple[Any, ...]
    set_after: tuple[Any, ...]
    incremental: dict[str, str]
    rebuilt: dict[str, str]
    reach_after_rebuild: dict[str, Reach]


def live_through(city: TinyCity) -> Aftermath:
    """Run it all in order; at the end a full rebuild of the last night is published."""
    night = night_of(NIGHTS[-1])
    would_move = nightly.try_release(HALF_GONE, night)
    rows = city.rows("select measure, value_now, value_then from ops.release_effect where urn = %s", [HALF_GONE])
    before = city.rows("select count(*) from register.mark")
    nightly.try_release(HALF_GONE, night)
    assert city.rows("select count(*) from register.mark") == before
    released = nightly.release(HALF_GONE, night)
    nightly.build(night)
    with _other_sum(city):
        unbalanced = _fails(city, lambda: nightly.audit(night))
    figures = nightly.audit(night)["figures"]
    with _planted_grant(city):
        leaking = _fails(city, lambda: nightly.publish(night, figures))
    set_before = _whole_set(city)
    with _reader(city) as (watched, errors):
        nightly.publish(night, figures)
    incremental, set_after = city.mart_hashes(), _whole_set(city)
    with _overlapping_term(city):
        failing_test = _fails(city, lambda: nightly.build(night))
    city.model(night, full_refresh=True)
    status = city.value("select status from ops.school_night where urn = %s and night = %s", [HALF_GONE, night.date])
    gone, roll = city.rows(_ROLL, [HALF_GONE])[0]
    return Aftermath(
        would_move=would_move,
        kept={row[0]: (row[1], row[2]) for row in rows},
        moved=dict(zip(_MOVED, city.rows(_OF_MARTS, [HALF_GONE])[0], strict=True)),
        release=released,
        status_after_release=status,
        vanished=(gone, roll),
        unbalanced=unbalanced,
        leaking=leaking,
        failing_test=failing_test,
        watched=watched,
        reader_errors=errors,
        set_before=set_before,
        set_after=set_after,
        incremental=incremental,
        rebuilt=city.mart_hashes(),
        reach_after_rebuild={role: reach_of(city, role) for role in READERS},
    )


def _standing(city: TinyCity) -> Standing:
    return Standing(city.mart_hashes(), city.value("select count(*) from ops.publication"))


def _fails(city: TinyCity, attempt: Any) -> Failure:
    before = _standing(city)
    try:
        attempt()
    except RollcallError as error:
        return Failure(error.code, str(error), before, _standing(city))
    return Failure("none", "it did not fail", before, _standing(city))


@contextmanager
def _changed(city: TinyCity, there: str, back: str) -> Iterator[None]:
    with psycopg.connect(city.admin_dsn, autocommit=True) as connection:
        connection.execute(there)
        try:
            yield
        finally:
            connection.execute(back)


def _other_sum(city: TinyCity) -> Any:
    """One absent session too many in one enrolment's year of the built marts."""
    one = (
        "update marts_build.fct_enrolment_absence set sessions_absent = sessions_absent {} 1 where period_type = 'year'"
        f" and urn = {SECONDARY} and enrolment_id = (select min(enrolment_id) from marts_build.fct_enrolment_absence"
        f" where urn = {SECONDARY})"
    )
    return _changed(city, one.format("+"), one.format("-"))


def _planted_grant(city: TinyCity) -> Any:
    """A right that somebody gave by hand: the BI reader may read base tables of the register."""
    return _changed(
        city,
        "grant usage on schema register to rollcall_bi_reader; grant select on register.mark to rollcall_bi_reader",
        "revoke all on register.mark from rollcall_bi_reader; revoke all on schema register from rollcall_bi_reader",
    )


def _overlapping_term(city: TinyCity) -> Any:
    """A term too many in the calendar: its weeks would be counted twice."""
    return _changed(
        city,
        "insert into city.period values ('2025/26', 'term', 'overlap', date '2026-06-15', date '2026-06-19')",
        "delete from city.period where period_name = 'overlap'",
    )


def _whole_set(city: TinyCity) -> tuple[Any, ...]:
    with city.as_role("bi_reader") as connection:
        row = connection.execute(_WHOLE_SET).fetchone()
    assert row is not None
    return tuple(row)


@contextmanager
def _reader(city: TinyCity) -> Iterator[tuple[list[tuple[Any, ...]], list[str]]]:
    """Someone who reads without pause while the block runs."""
    seen: list[tuple[Any, ...]] = []
    errors: list[str] = []
    stop = threading.Event()

    def read() -> None:
        with city.as_role("bi_reader") as connection:
            connection.autocommit = True
            while not stop.is_set():
                try:
                    row = connection.execute(_WHOLE_SET).fetchone()
                except psycopg.Error as error:
                    errors.append(type(error).__name__)
                else:
                    seen.append(tuple(row or ()))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        _wait_for(lambda: bool(seen or errors))
        yield seen, errors
        count = len(seen)
        _wait_for(lambda: len(seen) > count)
    finally:
        stop.set()
        thread.join(30)


def _wait_for(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
