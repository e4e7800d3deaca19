"""Persons: names, birth dates, unique pupil numbers, characteristics. One row per child, wherever the child is
enrolled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.names import FORENAMES, SURNAMES
from simulator.upn import make_upns

NC_YEARS = ["N1", "N2", "R", *[str(year) for year in range(1, 14)]]
YEAR_WEIGHT = {"N1": 0.6, "N2": 0.55, "12": 0.5, "13": 0.4}
ETHNICITIES = {
    "WBRI": 0.60, "APKN": 0.11, "AIND": 0.05, "WOTH": 0.07, "WROM": 0.02, "MWBC": 0.03, "MWAS": 0.02, "BAFR": 0.04,
    "BCRB": 0.01,
    "MOTH": 0.02, "OOTH": 0.01, "AOTH": 0.01, "WIRT": 0.002, "NOBT": 0.008,
}  # fmt: skip
LANGUAGES = {"APKN": "URD", "AIND": "PAN", "WOTH": "POL", "WROM": "ROM", "BAFR": "YOR", "AOTH": "TAM", "OOTH": "ARA"}


def build_people(schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per child with its home school (`urn`), NC year and characteristics; `person_no` counts from 1."""
    people = _seats(schools, rng)
    count = len(people)
    age = people["year_no"].to_numpy() + 2
    start = np.array([np.datetime64(f"{2024 - years}-09-01") for years in range(20)])
    people["date_of_birth"] = start[age] + rng.integers(0, 365, count)
    people["sex"] = np.where(rng.random(count) < 0.51, "M", "F")
    people["surname"] = np.array(SURNAMES)[rng.integers(0, len(SURNAMES), count)]
    people["forename"] = np.array(FORENAMES)[rng.integers(0, len(FORENAMES), count)]
    shares = np.array(list(ETHNICITIES.values()))
    people["ethnicity"] = np.array(list(ETHNICITIES))[rng.choice(len(shares), count, p=shares / shares.sum())]
    other = people["ethnicity"].map(LANGUAGES)
    people["first_language"] = np.where(other.notna() & (rng.random(count) < 0.75), other, "ENG")
    people["eal"] = people["first_language"] != "ENG"
    people["postcode"] = [f"ZZ{a} {b}{c}{d}" for a, b, c, d in zip(*_postcode_parts(rng, count), strict=True)]
    _characteristics(people, rng)
    _numbers(people, schools, rng)
    _separate_namesakes(people)
    return people


def _seats(schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    blocks = []
    for school in schools.itertuples():
        years = NC_YEARS[NC_YEARS.index(str(school.first_year)) : NC_YEARS.index(str(school.last_year)) + 1]
        weight = np.array([YEAR_WEIGHT.get(year, 1.0) for year in years])
        seats = rng.multinomial(int(school.roll), weight / weight.sum())
        blocks.append(pd.DataFrame({"urn": school.urn, "phase": school.phase, "nc_year": np.repeat(years, seats)}))
    people = pd.concat(blocks, ignore_index=True)
    people.insert(0, "person_no", np.arange(1, len(people) + 1))
    people["year_no"] = people["nc_year"].map({year: place for place, year in enumerate(NC_YEARS)})
    return people


def _postcode_parts(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
    return (
        rng.integers(1, 30, count),
        rng.integers(1, 10, count),
        rng.choice(letters, count),
        rng.choice(letters, count),
    )


def _characteristics(people: pd.DataFrame, rng: np.random.Generator) -> None:
    """Free meals cluster by school; special schools carry plans; social-care groups are rarer and overlap with
    free meals.
    """
    count = len(people)
    phase = people["phase"].to_numpy()
    urns, place = np.unique(people["urn"], return_inverse=True)
    fsm_rate = np.clip(rng.beta(2.2, 5.0, len(urns)), 0.03, 0.7)[place]
    fsm_rate = np.where(phase == "independent", 0.0, np.where(np.isin(phase, ["special", "ap"]), 0.55, fsm_rate))
    people["fsm"] = rng.random(count) < fsm_rate
    draw = rng.random(count)
    plan = np.select([phase == "special", phase == "ap"], [0.97, 0.25], 0.03)
    support = np.select([phase == "special", phase == "ap"], [1.0, 0.9], 0.17)
    people["sen"] = np.where(draw < plan, "E", np.where(draw < support, "K", "N"))
    lift = np.where(people["fsm"], 2.0, 0.7)
    for name, rate in (("looked_after", 0.009), ("cin", 0.024), ("cp", 0.006)):
        people[name] = (rng.random(count) < rate * lift) & (phase != "independent")
    people["is_boarder"] = (phase == "independent") & (people["year_no"] > 8) & (rng.random(count) < 0.03)


def _numbers(people: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> None:
    """Permanent numbers issued by the first school; temporary ones; none at most independents' and some nurseries'
    pupils.
    """
    count = len(people)
    issuers = schools.loc[schools["phase"].isin(["primary", "nursery"]), "laestab"].astype(int).to_numpy() % 10000
    issuers = issuers if len(issuers) else np.array([9001])
    from_city = rng.random(count) < 0.9
    authority = np.where(from_city, 831, rng.choice([830, 855, 856, 892, 860, 330], count))
    school = np.where(from_city, rng.choice(issuers, count), rng.integers(2000, 2090, count))
    year = np.clip(25 - np.maximum(people["year_no"].to_numpy() - 2, 0), 10, 25)
    key = pd.Series(list(zip(authority, school, year, strict=True)))
    serial = key.groupby(key).cumcount().to_numpy() + 1
    temporary = rng.random(count) < 0.006
    people["upn"] = make_upns(authority, school, year, serial, temporary)
    people["is_temporary_upn"] = temporary
    phase = people["phase"].to_numpy()
    missing = rng.random(count) < np.select([phase == "independent", phase == "nursery"], [0.6, 0.2], 0.0)
    people.loc[missing, "upn"] = ""


def _separate_namesakes(people: pd.DataFrame) -> None:
    """Namesakes born on one day stay only where each holds a permanent number: otherwise no evidence could tell
    them apart.
    """
    weak = (people["upn"] == "") | people["is_temporary_upn"]
    key = ["surname", "forename", "date_of_birth"]
    clash = people.duplicated(key, keep=False)
    touched = people[clash].groupby(key)["person_no"].transform("size").index
    group_weak = weak.groupby([people[name] for name in key]).transform("any")
    rename = people.index.isin(touched) & group_weak
    people.loc[rename, "surname"] = (
        people.loc[rename, "surname"] + "-" + people.loc[rename, "forename"].str[::-1].str.title()
    )
    rest = people.duplicated(key, keep=False) & group_weak
    people.loc[rest, "forename"] = [
        f"{name} {SURNAMES[place % 150]}" for place, name in enumerate(people.loc[rest, "forename"])
    ]
