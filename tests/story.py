"""Three nights of the tiny city, run in order, and what was seen of register, marts and report after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import pandas as pd
import psycopg

from rollcall import nightly
from rollcall.extract import Night
from rollcall.report import night_summary
from rollcall.report.operator import operator_page
from rollcall.report.summary import NightSummary
from rollcall.warehouse.roles import READERS
from simulator.oracle import verify
from simulator.oracle.published import read
from tests.access import Reach, reach_of
from tests.tiny_city import HISTORY_UNTIL, NIGHTS, SILENT, TinyCity

AS_KNOWN: Final = ("fct_enrolment_absence", "fct_child_absence", "agg_school_absence")
_PLANTED: Final = """
    select absence.sessions_possible, absence.sessions_absent, absence.sessions_unauthorised,
        absence.is_persistently_absent
    from {schema}.fct_enrolment_absence as absence
    inner join register.enrolment on absence.enrolment_id = enrolment.enrolment_id and enrolment.is_current
    inner join identity.pupil on enrolment.pupil_id = pupil.pupil_id and pupil.is_current
    where absence.period_type = 'year' and pupil.urn = %s and pupil.source_pupil_id = %s
"""
_SCHOOL: Final = """
    select sessions_expected, sessions_possible, sessions_attended, sessions_absent, sessions_unknown
    from marts.agg_school_absence where period_type = 'year' and urn = %s
"""


@dataclass(frozen=True)
class Planted:
    """A planted child's year to date."""

    possible: int
    absent: int
    unauthorised: int
    is_persistent: bool


@dataclass(frozen=True)
class SchoolYear:
    """A school's year to date."""

    expected: int
    possible: int
    attended: int
    absent: int
    unknown: int


@dataclass(frozen=True)
class Evening:
    """What was seen after one night."""

    loaded: nightly.NightSummary
    summary: NightSummary
    report: str
    statuses: dict[int, str]
    operator_page: str
    planted: dict[str, Planted]
    silent_school: SchoolYear
    hashes: dict[str, str]
    versions: int
    known_at: datetime


@dataclass
class Story:
    """The independent computation's verdicts, every evening, and the last night once more."""

    after_history: dict[str, Any]
    early_features: pd.DataFrame
    evenings: dict[date, Evening] = field(default_factory=dict)
    after_nights: dict[str, Any] = field(default_factory=dict)
    repeated: Evening | None = None
    as_known_planted: dict[str, Planted] = field(default_factory=dict)
    as_known_hashes: dict[str, str] = field(default_factory=dict)
    hashes_after_as_known: dict[str, str] = field(default_factory=dict)
    reach: dict[str, Reach] = field(default_factory=dict)


def tell_story(city: TinyCity) -> Story:
    """Run the nights; each is looked at as soon as it is published."""
    folder, last = city.truth.folder, NIGHTS[-1]
    places = {"city": city.settings.city_folder}
    after_history = verify(folder, city.admin_dsn, str(HISTORY_UNTIL), str(HISTORY_UNTIL), [], **places)
    with psycopg.connect(city.admin_dsn) as connection:
        story = Story(after_history, read(connection, "select * from intermediate.int_early_features"))
    for day in NIGHTS:
        city.evening(day)
        story.evenings[day] = look(city, day, city.run_night(day))
    story.after_nights = verify(folder, city.admin_dsn, str(last), str(HISTORY_UNTIL), list(map(str, NIGHTS)), **places)
    story.repeated = look(city, last, city.run_night(last))
    nightly.rebuild_as_known(Night(NIGHTS[0], story.evenings[NIGHTS[0]].known_at))
    story.as_known_planted = planted(city, "marts_build_as_known")
    story.as_known_hashes = {name: city.hash_of("marts_build_as_known", name) for name in AS_KNOWN}
    story.hashes_after_as_known = city.mart_hashes()
    story.reach = {role: reach_of(city, role) for role in READERS}
    return story


def look(city: TinyCity, day: date, loaded: nightly.NightSummary) -> Evening:
    """Write down how everything stands."""
    with city.as_role("loader") as connection:
        summary = night_summary(connection, city.city, day)
    with city.as_role("operator_reader") as connection:
        page = operator_page(connection, city.city, datetime.now(UTC), day)
    return Evening(
        loaded=loaded,
        summary=summary,
        report=(city.settings.published / "city-report.html").read_text(encoding="utf-8"),
        statuses=dict(city.rows("select urn, status from ops.school_night where night = %s", [day])),
        operator_page=page,
        planted=planted(city, "marts"),
        silent_school=SchoolYear(*city.rows(_SCHOOL, [SILENT])[0]),
        hashes=city.mart_hashes(),
        versions=city.value("select count(*) from register.mark"),
        known_at=city.value("select known_at from ops.publication where is_current"),
    )


def planted(city: TinyCity, schema: str) -> dict[str, Planted]:
    """Case -> the child's year to date in one set of marts."""
    truth = city.truth
    enrolments = truth.enrolments.set_index("enrolment_no")
    keys = truth.pupils.set_index("pupil_no")["pupil_id"]
    found = {}
    for case in truth.scenario["planted"]:
        pupil_id = keys[enrolments.at[case["enrolment_no"], "pupil_no"]]
        row = city.rows(_PLANTED.replace("{schema}", schema), [case["urn"], pupil_id])[0]
        found[case["case"]] = Planted(*row)
    return found
