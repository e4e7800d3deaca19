"""Children as the council knows them: its own key, where they live, how each row names them, and those on no roll."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulator.truth.council.context import Context
from simulator.truth.names import FORENAMES, SURNAMES
from simulator.upn import make_upns

FIRST_ON_NO_ROLL = 1_000_001
SHARE_ON_NO_ROLL = 0.004
NO_ROLL_STORIES = {"waiting": 0.4, "home_educated": 0.25, "never_applied": 0.15, "untraced": 0.12, "unsuitable": 0.08}
NAMING = ["la_child_id", "upn", "former_upn", "surname", "forename", "date_of_birth"]
LSOAS = Path(__file__).parents[2] / "data" / "lsoas.csv"


def children_on_no_roll(context: Context) -> pd.DataFrame:
    """Children of compulsory school age whom no school of the city ever had on its roll, each with a story."""
    rng = context.rng
    count = max(len(NO_ROLL_STORIES), round(SHARE_ON_NO_ROLL * len(context.people)))
    names, shares = list(NO_ROLL_STORIES), np.array(list(NO_ROLL_STORIES.values()))
    story = np.array(names * count)[:count] if count < 20 else rng.choice(names, count, p=shares / shares.sum())
    born = np.datetime64("2010-09-01") + rng.integers(0, 3650, count).astype("timedelta64[D]")
    year = born.astype("datetime64[Y]").astype(int) + 1970
    upns = make_upns(
        rng.choice([830, 855, 892, 330], count),
        rng.integers(2100, 2200, count),
        np.clip(year + 5 - 2000, 10, 25),
        rng.integers(1, 999, count),
        np.zeros(count, dtype=bool),
    )
    unnumbered = rng.random(count) < 0.4
    return pd.DataFrame(
        {
            "person_no": np.arange(FIRST_ON_NO_ROLL, FIRST_ON_NO_ROLL + count),
            "story": story,
            "upn": np.where(unnumbered | pd.Series(upns).duplicated().to_numpy(), "", upns),
            # a double surname keeps them apart from every child of a register
            "surname": [f"{SURNAMES[a]}-{SURNAMES[b]}" for a, b in rng.integers(0, len(SURNAMES), (count, 2))],
            "forename": np.array(FORENAMES)[rng.integers(0, len(FORENAMES), count)],
            "date_of_birth": born.astype("datetime64[s]"),
            "sex": np.where(rng.random(count) < 0.5, "F", "M"),
            "fsm": rng.random(count) < 0.5,
            "known_on": np.datetime64("2025-09-01") + rng.integers(0, 300, count).astype("timedelta64[D]"),
        }
    )


def children_feed(context: Context, everyone: pd.DataFrame, extra: pd.DataFrame) -> pd.DataFrame:
    """One row per child: where it lives (four in a hundred outside the city), known from when."""
    rng, count = context.rng, len(everyone)
    areas = pd.read_csv(LSOAS)
    near = areas["children"].fillna(0).to_numpy() + 100.0
    poor = near * (areas["imd_decile"].to_numpy() <= 3)
    place = np.where(
        everyone["fsm"].to_numpy(dtype=bool) & (rng.random(count) < 0.6),
        rng.choice(len(areas), count, p=poor / poor.sum()),
        rng.choice(len(areas), count, p=near / near.sum()),
    )
    outside = (rng.random(count) < 0.04) & ~everyone["person_no"].isin(extra["person_no"]).to_numpy()
    known = everyone["person_no"].map(extra.set_index("person_no")["known_on"])
    return pd.DataFrame(
        {
            "person_no": everyone["person_no"].to_numpy(),
            "known_on": known.fillna(pd.Timestamp("2025-09-01")).to_numpy(),
            "home_la": np.where(outside, "830", "831"),
            "lsoa_code": np.where(outside, "", areas["lsoa21_code"].to_numpy()[place]),
            "ward_code": np.where(outside, "", areas["ward24_code"].to_numpy()[place]),
            "sex": everyone["sex"].to_numpy(),
            "known_since": known.to_numpy(),
        }
    )


def name_children(context: Context, table: pd.DataFrame, everyone: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    """The table with the columns that name each row's child: by everything (``whole``), or as the export at hand does."""
    if "person_no" not in table.columns:
        return table
    child = everyone.set_index("person_no").reindex(table["person_no"])
    count = len(table)
    draw = np.zeros(count) if whole else context.rng.random(count)
    has_child = table["person_no"].notna().to_numpy() & (table["person_no"].fillna(0).to_numpy() > 0)
    number = child["upn"].fillna("").to_numpy()
    named = draw < 0.35
    by_number = (draw < 0.75) & (number != "")
    by_key = ~((draw >= 0.55) & (draw < 0.75) & (number != ""))
    keys = np.array([f"LA{value:07d}" for value in table["person_no"].fillna(0).astype(int)])
    born = pd.to_datetime(child["date_of_birth"]).dt.strftime("%Y-%m-%d").fillna("").to_numpy()
    return table.assign(
        la_child_id=np.where(by_key & has_child, keys, ""),
        upn=np.where(by_number & has_child, number, ""),
        former_upn="",
        surname=np.where(named & has_child, child["surname"].fillna(""), ""),
        forename=np.where(named & has_child, child["forename"].fillna(""), ""),
        date_of_birth=np.where(named & has_child, born, ""),
    )
