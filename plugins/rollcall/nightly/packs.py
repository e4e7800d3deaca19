"""Packs that nobody has to ask for: board and meeting packs of every school, by pseudonym, at a term's end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from rollcall.city import City, Period, load_city
from rollcall.errors import ExportRefused
from rollcall.extract import Night
from rollcall.settings import load_settings

if TYPE_CHECKING:
    from rollcall.report.packs import Request

CHOICES: Final = ("term end", "none", "board", "tsm", "all")
_LOG = logging.getLogger(__name__)


def write_packs(night: Night, choice: str) -> str:
    """Write the packs that a night asks for; returns one line that says how many, of which kind.

    ``choice``: one of ``CHOICES``; ``term end`` writes all of them on the last school day of a term and else none. A school
    of which a pack may not be written (nothing known of it yet) is left out and named in the log of the task.
    """
    from rollcall.report.packs import write_pack

    settings = load_settings()
    city = load_city(settings.city_folder)
    term = term_of(city, night.date)
    if choice == "none" or (choice == "term end" and night.date != last_school_day(city, term)):
        return "no packs tonight"
    kinds = ("board", "tsm") if choice in ("all", "term end") else (choice,)
    counts = dict.fromkeys(kinds, 0)
    for request in _requests(city, kinds, term):
        try:
            write_pack(settings, city, request)
        except ExportRefused as refusal:
            _LOG.warning("%s", refusal)
        else:
            counts[request.kind] += 1
    return ", ".join(f"{count} {kind} packs" for kind, count in counts.items())


def term_of(city: City, day: date) -> Period | None:
    """The term that a day lies in; None outside every term."""
    terms = (period for period in city.periods if period.period_type == "term")
    return next((term for term in terms if term.first_day <= day <= term.last_day), None)


def last_school_day(city: City, term: Period | None) -> date | None:
    """The last day of a term on which any school of the city is open."""
    if term is None:
        return None
    days = (day for urn in city.schools for day in city.school_days(urn) if term.first_day <= day <= term.last_day)
    return max(days, default=None)


def _requests(city: City, kinds: tuple[str, ...], term: Period | None) -> Iterator[Request]:
    from rollcall.report.packs import Request
    from rollcall.report.packs.lists import Scope

    schools = sorted(city.connected_schools(), key=lambda school: school.urn)
    why = "scheduled, each term"
    if "board" in kinds:
        for school in schools:
            yield Request("board", Scope(school.urn), f"governors of {school.label}", why=why)
        for trust in sorted({school.trust for school in schools if school.trust}):
            yield Request("board", audience=f"trustees of {trust}", trust=trust, why=why)
    if "tsm" in kinds and term is not None:
        for school in schools:
            reader = f"head of {school.label} and {school.link_officer or 'its link officer'}"
            yield Request("tsm", Scope(school.urn), reader, term=term.name, why=why)
