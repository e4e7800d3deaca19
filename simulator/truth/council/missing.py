"""Children missing education as they truly are, and what the council holds of them: applications, home education, cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator.truth.council.context import NEVER, YEAR_START, Context

DAY = np.timedelta64(1, "D")
ADMISSION = [
    "person_no", "known_on", "admission_round", "applied_date", "preferred_urn", "offered_urn", "offered_date",
    "accepted_date", "expected_start_date", "started_date", "withdrawn_date",
]  # fmt: skip
HOME = ["person_no", "known_on", "notified_date", "start_date", "end_date", "suitability", "assessed_date",
        "last_school_urn"]  # fmt: skip
CASE = [
    "person_no", "known_on", "opened_date", "missing_since", "start_rule", "confirmed_date", "cme_reason",
    "last_school_urn", "is_whereabouts_known", "closed_date", "outcome",
]  # fmt: skip
TRUTH = ["person_no", "from_date", "until_date", "is_missing", "why"]


class _Book:
    """Rows of the four tables as the stories write them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {
            "admissions": [],
            "home_education": [],
            "cme_cases": [],
            "truth": [],
        }

    def truth(self, person: int, since: Any, until: Any, why: str, *, is_missing: bool) -> None:
        """The child's true state from a day on, to a day or open; days on a roll have no row: then it is not missing."""
        self.rows["truth"].append((person, since, until, is_missing, why))

    def table(self, name: str, columns: list[str]) -> pd.DataFrame:
        """The rows of one table."""
        table = pd.DataFrame(self.rows[name], columns=columns)
        for column in columns:
            if column.endswith(("_date", "_on", "_since")):
                table[column] = pd.to_datetime(table[column].astype("datetime64[s]"))
        return table


def missing_education(context: Context, extra: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables ``admissions``, ``home_education``, ``cme_cases`` and ``cme_truth`` (a row per child and true state: from,
    until, is_missing, why)."""
    book = _Book()
    for stay in context.story("untraced", "no_show").itertuples():
        _vanished(context, book, stay)
    for stay in context.story("left_city").itertuples():
        _moved_away(context, book, stay)
    for stay in context.story("home_educated").itertuples():
        _home_educated(context, book, stay)
    _movers(context, book)
    for stay in context.story("arrival").itertuples():
        _arrived(context, book, stay)
    for child in extra.itertuples():
        _on_no_roll(context, book, child)
    cases = book.table("cme_cases", CASE)
    cases.insert(2, "case_reference", [f"CME-{number:05d}" for number in range(1, len(cases) + 1)])
    admissions = book.table("admissions", ADMISSION)
    admissions.insert(2, "reference", [f"AD-{number:05d}" for number in range(1, len(admissions) + 1)])
    home = book.table("home_education", HOME)
    return {
        "admissions": admissions,
        "home_education": home,
        "cme_cases": cases,
        "cme_truth": book.table("truth", TRUTH),
    }


def _vanished(context: Context, book: _Book, stay: Any) -> None:
    """Deleted after a long silence: some are in the city and in no school, some went abroad and nobody knows yet."""
    if pd.isna(stay.leaving_date):
        return  # still on a roll, so not missing, however absent
    rng, left, known = context.rng, _day(stay.leaving_date), _day(stay.leaving_known_on)
    abroad = rng.random() < 0.4
    found = left + DAY * int(rng.integers(20, 120)) if rng.random() < 0.45 else NEVER
    why = "moved abroad" if abroad else "untraced"
    book.truth(stay.person_no, left + DAY, found, why, is_missing=not abroad)
    if rng.random() < 0.1:
        return  # no case was opened: the return was lost
    opened = known + DAY * int(rng.integers(0, 8))
    confirmed = opened + DAY * int(rng.integers(8, 25)) if rng.random() < 0.85 else NEVER
    reason = "moved_abroad" if abroad and rng.random() < 0.5 else "unknown"
    outcome = "" if np.isnat(found) else ("abroad" if abroad else rng.choice(["on_roll", "other_la"]))
    closed = max(found, opened + DAY) if not np.isnat(found) else NEVER
    row = (
        stay.person_no,
        opened,
        opened,
        left + DAY,
        "deletion",
        confirmed,
        reason,
        str(stay.urn),
        "N",
        closed,
        outcome,
    )
    book.rows["cme_cases"].append(row)


def _moved_away(context: Context, book: _Book, stay: Any) -> None:
    """Gone to another authority: an enquiry for some, closed once that authority answers."""
    left, rng = _day(stay.leaving_date), context.rng
    book.truth(stay.person_no, left + DAY, NEVER, "moved away", is_missing=False)
    if rng.random() < 0.4:
        opened = _day(stay.leaving_known_on) + DAY * int(rng.integers(0, 6))
        closed = opened + DAY * int(rng.integers(10, 60))
        row = (
            stay.person_no,
            opened,
            opened,
            left + DAY,
            "deletion",
            NEVER,
            "moved_other_la",
            str(stay.urn),
            "Y",
            closed,
        )
        book.rows["cme_cases"].append((*row, "other_la"))


def _home_educated(context: Context, book: _Book, stay: Any) -> None:
    rng, left = context.rng, _day(stay.leaving_date)
    assessed = left + DAY * int(rng.integers(60, 140)) if rng.random() < 0.8 else NEVER
    is_suitable = np.isnat(assessed) or rng.random() < 0.85
    book.truth(stay.person_no, left + DAY, NEVER if is_suitable else assessed, "home education", is_missing=False)
    if not is_suitable:
        book.truth(stay.person_no, assessed, NEVER, "unsuitable home education", is_missing=True)
    if rng.random() < 0.07:
        return  # the parent's notice never reached the council
    notified = left - DAY * int(rng.integers(0, 10))
    suitability = "not_yet" if np.isnat(assessed) else ("suitable" if is_suitable else "unsuitable")
    row = (stay.person_no, notified + DAY * 3, notified, left + DAY, NEVER, suitability, assessed, str(stay.urn))
    book.rows["home_education"].append(row)


def _movers(context: Context, book: _Book) -> None:
    """Between two schools of the city: an application, and for a long gap an enquiry; missing while the gap lasts."""
    stays = context.story("mover").sort_values(["person_no", "entry_date"])
    following = stays.groupby("person_no")[["urn", "entry_date"]].shift(-1)
    for stay, urn, entry in zip(stays.itertuples(), following["urn"], following["entry_date"], strict=True):
        if pd.isna(entry):
            continue
        left, came = _day(stay.leaving_date), _day(entry)
        if np.busday_count(left, came) > 1:
            book.truth(stay.person_no, left + DAY, came, "waiting start at another school", is_missing=True)
        if np.busday_count(left, came) > 10:
            opened = left + DAY * 5
            row = (stay.person_no, opened, opened, left + DAY, "deletion", NEVER, "waiting_school_start", str(stay.urn))
            book.rows["cme_cases"].append((*row, "Y", came + DAY, "on_roll"))
        if context.rng.random() < 0.7:
            _applied(context, book, stay.person_no, int(urn), came, came)


def _arrived(context: Context, book: _Book, stay: Any) -> None:
    """New in the city and on a roll since: missing from the arrival to the first day."""
    came = _day(stay.entry_date)
    applied = _applied(context, book, stay.person_no, int(stay.urn), came, came)
    since = max(applied - DAY * int(context.rng.integers(0, 14)), YEAR_START)
    book.truth(stay.person_no, since, came, "waiting for a place", is_missing=True)


def _applied(context: Context, book: _Book, person: int, urn: int, expected: Any, started: Any) -> Any:
    """An in-year application; the dates that its story does not reach are empty."""
    rng = context.rng
    applied = expected - DAY * int(rng.integers(12, 60))
    offered = applied + DAY * int(rng.integers(3, 10))
    accepted = offered + DAY * int(rng.integers(0, 2))
    row = (person, applied, "in_year", applied, str(urn), str(urn), offered, accepted, expected, started, NEVER)
    book.rows["admissions"].append(row)
    return applied


def _on_no_roll(context: Context, book: _Book, child: Any) -> None:
    rng, known = context.rng, _day(child.known_on)
    urns = context.schools["urn"].to_numpy()
    urn = str(urns[int(rng.integers(0, len(urns)))])
    case = (child.person_no, known, known, known)
    if child.story == "waiting":
        offered = known + DAY * int(rng.integers(5, 40)) if rng.random() < 0.5 else NEVER
        expected = offered + DAY * 30 if not np.isnat(offered) else NEVER
        accepted = offered + DAY * 4 if not np.isnat(offered) and rng.random() < 0.7 else NEVER
        place = "" if np.isnat(offered) else urn
        row = (child.person_no, known, "in_year", known, urn, place, offered, accepted, expected, NEVER, NEVER)
        book.rows["admissions"].append(row)
        book.truth(child.person_no, known, NEVER, "waiting for a place", is_missing=True)
        if rng.random() < 0.6:
            book.rows["cme_cases"].append(
                (*case, "moved_in", known + DAY * 5, "arrived_from_abroad", "", "Y", NEVER, "")
            )
    elif child.story in ("home_educated", "unsuitable"):
        is_suitable = child.story == "home_educated"
        assessed = known + DAY * 40
        row = (child.person_no, known, known, known, NEVER, "suitable" if is_suitable else "unsuitable", assessed, "")
        book.rows["home_education"].append(row)
        book.truth(child.person_no, known, NEVER if is_suitable else assessed, "home education", is_missing=False)
        if not is_suitable:
            book.truth(child.person_no, assessed, NEVER, "unsuitable home education", is_missing=True)
            confirmed = (child.person_no, assessed, assessed, assessed, "referral", assessed)
            book.rows["cme_cases"].append((*confirmed, "unsuitable_home_education", "", "Y", NEVER, ""))
    elif child.story == "never_applied":
        book.rows["admissions"].append(
            (child.person_no, known, "normal_late", NEVER, "", "", NEVER, NEVER, NEVER, NEVER, NEVER)
        )
        book.truth(child.person_no, known, NEVER, "never applied", is_missing=True)
        if rng.random() < 0.7:
            book.rows["cme_cases"].append(
                (*case, "compulsory_age", known + DAY * 10, "did_not_apply", "", "Y", NEVER, "")
            )
    else:
        book.truth(child.person_no, known, NEVER, "untraced", is_missing=True)
        book.rows["cme_cases"].append((*case, "referral", NEVER, "unknown", "", "N", NEVER, ""))


def _day(moment: Any) -> Any:
    return np.datetime64(moment, "D")
