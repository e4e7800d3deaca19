"""Enrolments: who was on which roll from when to when, and how each leaving was recorded and when it became known."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from simulator.truth.people import NC_YEARS
from simulator.upn import check_letters

YEAR_START = np.datetime64("2025-09-01")
LAST_FRIDAY_OF_JUNE = np.datetime64("2026-06-26")
NEVER = np.datetime64("NaT")
SHARES = {"mover": 0.024, "arrival": 0.013, "left_city": 0.007, "home_educated": 0.004, "untraced": 0.0008,
"returner": 0.0007,
          "no_show": 0.0016, "dual": 0.0022, "guest": 0.0007}  # fmt: skip
LEAVING = {
    "left_city": ("Moved out of the area", "g", "School in another authority"),
    "home_educated": ("Home education", "f", ""),
    "untraced": ("Continuously absent", "i", ""),
    "no_show": ("Continuously absent", "i", ""),
}


def build_enrolments(
    people: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(pupils, enrolments): a pupil is a child at one school, an enrolment one stay on its roll.

    `story` names the case (mover, guest ...); `weekdays_here` is a bit set of weekdays on which a dually
    registered or guest child is
    due at this school (31 = all five); `leaving_known_on` is the evening on which the school's system first showed
    the leaving date.
    """
    first = _first_enrolments(people, schools, rng)
    stories = _cast(first, rng)
    first["story"] = stories
    seconds = [_move(first, people, schools, rng), _return(first, rng), _share(first, schools, rng)]
    _leave(first, rng)
    _finish_year_eleven(first)
    enrolments = pd.concat([first, *[extra for extra in seconds if len(extra)]], ignore_index=True)
    enrolments = enrolments.sort_values(["urn", "person_no", "entry_date"], kind="stable", ignore_index=True)
    enrolments.insert(0, "enrolment_no", np.arange(1, len(enrolments) + 1, dtype=np.int32))
    lag = np.where(rng.random(len(enrolments)) < 0.3, rng.integers(1, 9, len(enrolments)), 0)
    enrolments["leaving_known_on"] = enrolments["leaving_date"] + pd.to_timedelta(
        np.where(enrolments["story"] == "returner", 0, lag), "D"
    )
    pupils = enrolments.drop_duplicates(["person_no", "urn"])[["person_no", "urn"]].reset_index(drop=True)
    pupils.insert(0, "pupil_no", np.arange(1, len(pupils) + 1, dtype=np.int32))
    enrolments = enrolments.merge(pupils, on=["person_no", "urn"], validate="many_to_one").sort_values(
        "enrolment_no", ignore_index=True
    )
    return _describe(pupils, people, schools, rng), enrolments


def _first_enrolments(people: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = people[["person_no", "urn", "phase", "year_no"]].copy()
    first_year = schools.set_index("urn")["first_year"].map({year: place for place, year in enumerate(NC_YEARS)})
    since = (frame["year_no"] - frame["urn"].map(first_year)).to_numpy()
    starts = np.array([np.datetime64(f"{2025 - years}-09-01") for years in range(20)])
    frame["entry_date"] = starts[np.clip(since, 0, 19)].astype("datetime64[s]")
    frame["leaving_date"] = pd.Series(NEVER, index=frame.index, dtype="datetime64[s]")
    for name in ("leaving_reason", "removal_ground", "destination"):
        frame[name] = ""
    frame["destination_urn"] = 0
    frame["enrolment_status"] = "C"
    frame["weekdays_here"] = 31
    return frame


def _cast(first: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Give each case its share of the children of compulsory school age at mainstream schools; at least one each."""
    story = np.full(len(first), "", dtype=object)
    eligible = (first["phase"].isin(["primary", "secondary"]) & first["year_no"].between(3, 12)).to_numpy()
    pool = rng.permutation(np.flatnonzero(eligible))
    used = 0
    for name, share in SHARES.items():
        size = max(1, round(share * len(pool)))
        story[pool[used : used + size]] = name
        used += size
    return story


def _dates(rng: np.random.Generator, count: int, first: str, last: str) -> np.ndarray:
    span = np.arange(np.datetime64(first), np.datetime64(last))
    return rng.choice(span[np.is_busday(span)], count).astype("datetime64[s]")


def _other_school(
    rows: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator, phase: str | None = None
) -> np.ndarray:
    """For each row a different school that teaches the child's year (of `phase`, or of the row's own phase); 0
    where there is none.
    """
    order = {year: place for place, year in enumerate(NC_YEARS)}
    low, high = schools["first_year"].map(order).to_numpy(), schools["last_year"].map(order).to_numpy()
    wanted = rows["phase"].to_numpy()[:, None] if phase is None else phase
    fits = (schools["phase"].to_numpy()[None, :] == wanted) & (
        schools["urn"].to_numpy()[None, :] != rows["urn"].to_numpy()[:, None]
    )
    year = rows["year_no"].to_numpy()[:, None]
    fits &= (low[None, :] <= year) & (year <= high[None, :])
    score = np.where(fits, rng.random(fits.shape), -1.0)
    return np.where(fits.any(axis=1), schools["urn"].to_numpy()[score.argmax(axis=1)], 0)


def _move(first: pd.DataFrame, people: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    arrivals = first.index[first["story"] == "arrival"]
    first.loc[arrivals, "entry_date"] = _dates(rng, len(arrivals), "2025-09-22", "2026-06-20")
    rows = first[first["story"] == "mover"].copy()
    target = _other_school(rows, schools, rng)
    first.loc[rows.index[target == 0], "story"] = ""
    rows, target = rows[target > 0], target[target > 0]
    leaving = _dates(rng, len(rows), "2025-09-20", "2026-06-12")
    first.loc[rows.index, "leaving_date"] = leaving
    first.loc[rows.index, "leaving_reason"] = "Moved to another school"
    first.loc[rows.index, "removal_ground"] = "a"
    first.loc[rows.index, "destination"] = "School in this authority"
    first.loc[rows.index, "destination_urn"] = np.where(rng.random(len(rows)) < 0.7, target, 0)
    rows["urn"] = target
    gap = np.where(rng.random(len(rows)) < 0.8, 1, rng.integers(2, 26, len(rows)))
    rows["entry_date"] = np.busday_offset(leaving.astype("datetime64[D]"), gap, roll="forward").astype("datetime64[s]")
    return rows


def _return(first: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Children who leave and come back to the same school: one pupil, two enrolments."""
    rows = first[first["story"] == "returner"].copy()
    leaving = _dates(rng, len(rows), "2025-10-01", "2026-02-01")
    first.loc[rows.index, "leaving_date"] = leaving
    first.loc[rows.index, "leaving_reason"] = "Moved out of the area"
    first.loc[rows.index, "removal_ground"] = "g"
    rows["entry_date"] = np.busday_offset(
        leaving.astype("datetime64[D]"), rng.integers(20, 60, len(rows)), roll="forward"
    ).astype("datetime64[s]")
    return rows


def _share(first: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Dual registrations (main M, subsidiary S at alternative provision) and guests (G) for some weeks."""
    rows = first[first["story"].isin(["dual", "guest"])].copy()
    target = _other_school(rows, schools, rng, "ap")
    target = np.where(target == 0, _other_school(rows, schools, rng), target)
    first.loc[rows.index[target == 0], "story"] = ""
    rows, target = rows[target > 0], target[target > 0]
    here = rng.integers(1, 31, len(rows))
    first.loc[rows.index, "weekdays_here"] = 31 & ~here
    first.loc[rows.index, "enrolment_status"] = np.where(rows["story"] == "dual", "M", "C")
    rows["urn"] = target
    rows["weekdays_here"] = here
    rows["enrolment_status"] = np.where(rows["story"] == "dual", "S", "G")
    rows["entry_date"] = _dates(rng, len(rows), "2025-09-08", "2026-03-20")
    guest = (rows["story"] == "guest").to_numpy()
    rows.loc[guest, "leaving_date"] = rows.loc[guest, "entry_date"] + pd.Timedelta(days=40)
    rows.loc[guest, "leaving_reason"] = "End of guest placement"
    return rows


def _leave(first: pd.DataFrame, rng: np.random.Generator) -> None:
    for story, (reason, ground, destination) in LEAVING.items():
        rows = first.index[first["story"] == story]
        if story == "no_show":
            first.loc[rows, "entry_date"] = YEAR_START
            rows = rows[rng.random(len(rows)) < 0.65]
        low, high = ("2025-10-13", "2025-12-10") if story == "no_show" else ("2025-11-03", "2026-07-10")
        first.loc[rows, "leaving_date"] = _dates(rng, len(rows), low, high)
        first.loc[rows, "leaving_reason"] = reason
        first.loc[rows, "removal_ground"] = ground
        first.loc[rows, "destination"] = destination


def _finish_year_eleven(first: pd.DataFrame) -> None:
    last_year = (
        (first["year_no"] == NC_YEARS.index("11")) & first["leaving_date"].isna() & (first["phase"] == "secondary")
    )
    first.loc[last_year, "leaving_date"] = LAST_FRIDAY_OF_JUNE
    first.loc[last_year, "leaving_reason"] = "Completed compulsory schooling"
    first.loc[last_year, "removal_ground"] = "l"
    first.loc[last_year, "destination"] = "Further education"


def _upi(row: tuple[int, str]) -> str:
    """The aggregator's stable pupil key: a hash of the school and the school's own key."""
    return hashlib.md5(f"A{row[0]}/{row[1]}".encode(), usedforsecurity=False).hexdigest()


def _describe(
    pupils: pd.DataFrame, people: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """What each school's own record says of the child; some schools issue a new number and keep the former one."""
    columns = [
        "person_no",
        "nc_year",
        "fsm",
        "eal",
        "looked_after",
        "cin",
        "cp",
        "sen",
        "is_boarder",
        "upn",
        "surname",
        "forename",
    ]
    pupils = pupils.merge(people[columns], on="person_no", how="left", validate="many_to_one")
    pupils["mis_id"] = [f"{number:06d}" for number in pupils.groupby("urn").cumcount() + 1001]
    aggregated = pupils["urn"].isin(schools.loc[schools["connector"] == "wonde", "urn"])
    pupils["pupil_id"] = np.where(
        aggregated, [_upi(row) for row in zip(pupils["urn"], pupils["mis_id"], strict=True)], pupils["mis_id"]
    )
    letter = (pupils.groupby(["urn", "nc_year"]).cumcount() // 28).clip(upper=25)
    pupils["registration_group"] = pupils["nc_year"] + letter.map(lambda place: chr(65 + place))
    second = pupils.duplicated("person_no") & (pupils["upn"] != "")
    renumbered = second & (rng.random(len(pupils)) < 0.04)
    pupils["former_upn"] = np.where(renumbered, pupils["upn"], "")
    fresh = [f"831{9700 + place // 999:04d}25{place % 999 + 1:03d}" for place in range(int(renumbered.sum()))]
    if fresh:
        bodies = np.array(fresh)
        pupils.loc[renumbered, "upn"] = np.char.add(check_letters(bodies), bodies)
    return pupils
