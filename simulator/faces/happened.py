"""What happened to the marks of a school, and when: a register is taken at half past four, corrections made at five."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from simulator.faces.marks_file import MarksFile, Written, day_number, read_corrections
from simulator.truth.store import Truth

LONDON = ZoneInfo("Europe/London")
TAKEN, CORRECTED = time(16, 30), time(17)
FIRST_DAY, DAYS = day_number("2025-08-01"), 730
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Latest:
    """Marks as they were last changed in a span, in order of day, enrolment and half.

    ``born`` and ``changed`` are the seconds since 1970, UTC, of the first and of the last change within the span.
    """

    enrolment: np.ndarray
    day: np.ndarray
    half: np.ndarray
    code: np.ndarray
    born: np.ndarray
    changed: np.ndarray

    def where(self, wanted: np.ndarray) -> Latest:
        """Those of a selection."""
        return Latest(*(getattr(self, column.name)[wanted] for column in fields(self)))


class Happened:
    """The events of every school, read when a school is first asked about, and kept."""

    def __init__(self, truth: Truth) -> None:
        self.file = MarksFile(truth)
        self.corrections, self.corrected_on = read_corrections(truth)
        self.taken_at, self.corrected_at = _seconds(TAKEN), _seconds(CORRECTED)
        self.schools: dict[int, Written] = {}

    def latest(self, urn: int, days: tuple[str, str], after: datetime, until: datetime) -> Latest:
        """The last state of each mark of a school that changed later than ``after`` and not later than ``until``,
        about days from the first to the last of ``days`` (ISO dates)."""
        first, last = (day_number(day) for day in days)
        taken = self._marks(urn)
        earliest, latest = _between(self.taken_at, after, until)
        taken = taken.where((taken.day >= max(first, earliest)) & (taken.day <= min(last, latest)))
        corrected, corrected_on = self._corrections(urn)
        earliest, latest = _between(self.corrected_at, after, until)
        wanted = (corrected_on >= earliest) & (corrected_on <= latest)
        wanted &= (corrected.day >= first) & (corrected.day <= last)
        corrected, corrected_on = corrected.where(wanted), corrected_on[wanted]
        parts = ((getattr(taken, name), getattr(corrected, name)) for name in ("enrolment", "day", "half", "code"))
        enrolment, day, half, code = (np.concatenate(pair) for pair in parts)
        moment = [self.taken_at[taken.day - FIRST_DAY], self.corrected_at[corrected_on - FIRST_DAY]]
        return _last(Written(enrolment, day, half, code), np.concatenate(moment))

    def _marks(self, urn: int) -> Written:
        if urn not in self.schools:
            marks = self.file.of_school(urn)
            small = marks.day.astype(np.int16), marks.half.astype(np.int8)
            self.schools[urn] = Written(marks.enrolment, *small, marks.code)
        return self.schools[urn]

    def _corrections(self, urn: int) -> tuple[Written, np.ndarray]:
        low, high = self.file.span(urn)
        place = slice(*np.searchsorted(self.corrections.enrolment, np.array([low, high + 1], dtype=np.int32)))
        return self.corrections.where(place), self.corrected_on[place]


def _seconds(hour: time) -> np.ndarray:
    """The moment of an hour in London on each day from ``FIRST_DAY`` on, in seconds since 1970, UTC."""
    first = datetime.combine(EPOCH.date() + timedelta(days=FIRST_DAY), hour, LONDON)
    return np.array([round((first + timedelta(days=day)).timestamp()) for day in range(DAYS)], dtype=np.int64)


def _between(moments: np.ndarray, after: datetime, until: datetime) -> tuple[int, int]:
    """The first and the last day whose moment lies later than ``after`` and not later than ``until``; the last comes
    before the first where there is none."""
    # moments have no parts of a second: both bounds rounded down leave the same days
    bounds = [(bound - EPOCH) // timedelta(seconds=1) for bound in (after, until)]
    first, end = np.searchsorted(moments, bounds, side="right").tolist()
    return FIRST_DAY + first, FIRST_DAY + end - 1


def _last(events: Written, moment: np.ndarray) -> Latest:
    order = np.lexsort((moment, events.half, events.enrolment, events.day))
    events, moment = events.where(order), moment[order]
    # numbers of 32 bits hold no key of all three
    key = (events.day.astype(np.int64) << 33) + (events.enrolment.astype(np.int64) << 1) + (events.half - 1)
    edge = np.flatnonzero(key[1:] != key[:-1]) + 1
    start = np.append(0, edge) if len(key) else edge
    end = np.append(edge, len(key))[: len(start)] - 1
    marks = events.where(end)
    return Latest(marks.enrolment, marks.day, marks.half, marks.code, moment[start], moment[end])
