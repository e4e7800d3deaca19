"""Precision and recall of the questions about missing education, against the simulator's true answer.

What it can show: whether each rule asks about the children whose story it is made for, and how many others it names.
What it cannot: how often real records are late, wrong or lost, as their rates here are the simulator's own choice; nor
leave that was not returned from, nor a child whom the council never heard of, since no story has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd
import psycopg

from simulator.truth.store import Truth

STORIES: Final = {
    "deleted_20_day_ground": ("untraced after a roll",),
    "ehe_unsuitable": ("unsuitable home education", "unsuitable home education after a roll"),
    "off_roll_everywhere": ("waiting for a place", "never applied", "untraced", "unsuitable home education"),
}
"""Rule -> the true states that it is made to find; the other rules share theirs and are scored on precision alone."""

_PERSONS: Final = """
    select 'LA' as kind, naming.la_child_id as key, 0 as urn, link.person_id
    from identity.council_child as naming inner join city.child_link as link using (council_child_id)
    where link.is_current and naming.la_child_id is not null
    union all
    select 'pupil', pupil.source_pupil_id, pupil.urn, link.person_id
    from identity.pupil inner join register.person_link as link using (pupil_id)
    where pupil.is_current and link.is_current
"""


@dataclass(frozen=True)
class Score:
    """How one rule did: children named, rightly named, and truly in such a state; missing ones among those named."""

    rule: str
    named: int
    right: int
    truly: int

    @property
    def precision(self) -> float | None:
        """Share of the named children who are truly missing education; None where none is named."""
        return self.right / self.named if self.named else None

    def recall(self, found: int) -> float | None:
        """Share of the truly missing children who are among ``found``; None where there is none."""
        return found / self.truly if self.truly else None


def truly_missing(truth: Truth, night: date) -> pd.DataFrame:
    """Children missing education on the night (``person_no``, ``why``): of age, living here, on no roll."""
    states = pd.read_parquet(truth.folder / "cme_truth.parquet")
    at = pd.Timestamp(night)
    begun = pd.to_datetime(states["from_date"]) <= at
    lasting = states["until_date"].isna() | (pd.to_datetime(states["until_date"]) > at)
    states = states[begun & lasting & states["is_missing"].astype(bool)]
    homes = pd.read_parquet(truth.folder / "council" / "children.parquet")[["person_no", "home_la"]]
    born = pd.concat(
        [
            pd.read_parquet(truth.folder / "persons.parquet")[["person_no", "date_of_birth"]],
            pd.read_parquet(truth.folder / "council" / "children_on_no_roll.parquet")[["person_no", "date_of_birth"]],
        ]
    )
    rolls = truth.enrolments
    entered = pd.to_datetime(rolls["entry_date"]) <= at
    there = rolls["leaving_date"].isna() | (pd.to_datetime(rolls["leaving_date"]) >= at)
    states = states[~states["person_no"].isin(rolls.loc[entered & there, "person_no"])]
    was_on_a_roll = states["person_no"].isin(rolls["person_no"])
    states["why"] = states["why"].where(~was_on_a_roll, states["why"] + " after a roll")
    states = states.merge(homes, on="person_no").merge(born, on="person_no")
    states["date_of_birth"] = pd.to_datetime(states["date_of_birth"])
    of_age = [_is_of_age(day, at) for day in states["date_of_birth"]]
    city = truth.schools["laestab"].astype(str).str[:3].mode().iloc[0]
    return states.loc[
        pd.Series(of_age, index=states.index, dtype=bool) & (states["home_la"] == city), ["person_no", "why"]
    ]


def _is_of_age(born: pd.Timestamp, at: pd.Timestamp) -> bool:
    """Compulsory school age, straight from the rule: three term dates after five, the last Friday of June at sixteen."""
    fifth = born + pd.DateOffset(years=5)
    begins = next(
        day
        for year in (fifth.year, fifth.year + 1)
        for day in (pd.Timestamp(year, 3, 31), pd.Timestamp(year, 8, 31), pd.Timestamp(year, 12, 31))
        if day >= fifth
    )
    leaving_year = born.year + 16 + (born.month > 8)
    june = pd.Timestamp(leaving_year, 6, 30)
    return bool(begins <= at <= june - pd.Timedelta(days=(june.weekday() - 4) % 7))


def candidates(dsn: str, schema: str = "marts") -> pd.DataFrame:
    """The published questions that nothing explains, or only an open case: ``person_id``, ``rule_name``.

    An open case is no doubt about the question: the rule found the child, and people are at it already.
    """
    query = (
        f"select person_id, rule_name from {schema}.fct_cme_candidates where is_candidate or explained_by = 'case open'"
    )
    return _frame(dsn, query, ["person_id", "rule_name"])


def persons(dsn: str, truth: Truth) -> dict[int, int]:
    """Person of the warehouse -> child of the truth."""
    pupils = {(str(row.pupil_id), int(row.urn)): int(row.person_no) for row in truth.pupils.itertuples()}
    found: dict[int, int] = {}
    for row in _frame(dsn, _PERSONS, ["kind", "key", "urn", "person_id"]).itertuples():
        number = int(str(row.key)[2:]) if row.kind == "LA" else pupils.get((str(row.key), int(row.urn)))
        if number is not None:
            found[int(row.person_id)] = number
    return found


def score(named: pd.DataFrame, missing: pd.DataFrame, numbers: dict[int, int]) -> tuple[list[Score], dict[str, int]]:
    """A score for each rule and one for all of them together, and how many truly missing children each finds."""
    named = named.assign(person_no=named["person_id"].map(numbers))
    truly = set(missing["person_no"])
    scores, found = [], {}
    for rule in [*sorted(set(named["rule_name"]) | set(STORIES)), "any rule"]:
        of_rule = set(named["person_no"] if rule == "any rule" else named.loc[named["rule_name"] == rule, "person_no"])
        stories = missing if rule == "any rule" else missing[missing["why"].isin(STORIES.get(rule, ()))]
        scores.append(Score(rule, len(of_rule), len(of_rule & truly), stories["person_no"].nunique()))
        found[rule] = len(of_rule & set(stories["person_no"]))
    return scores, found


def table(scores: list[Score], found: dict[str, int]) -> str:
    """The scores as lines of text."""
    lines = [f"{'rule':28}{'named':>7}{'right':>7}{'precision':>11}{'truly':>8}{'found':>7}{'recall':>9}"]
    for one in scores:
        precision, recall = one.precision, one.recall(found[one.rule])
        rates = [f"{rate:.2f}" if rate is not None else "-" for rate in (precision, recall)]
        lines.append(
            f"{one.rule:28}{one.named:>7}{one.right:>7}{rates[0]:>11}{one.truly:>8}{found[one.rule]:>7}{rates[1]:>9}"
        )
    return "\n".join(lines)


def score_night(folder: Path, dsn: str, night: date, schema: str = "marts") -> tuple[list[Score], dict[str, int]]:
    """The scores of the published night."""
    truth = Truth(folder)
    return score(candidates(dsn, schema), truly_missing(truth, night), persons(dsn, truth))


def _frame(dsn: str, query: str, columns: list[str]) -> pd.DataFrame:
    with psycopg.connect(dsn) as connection:
        rows: list[Any] = connection.execute(query).fetchall()  # type: ignore[arg-type]
    return pd.DataFrame(rows, columns=columns)
