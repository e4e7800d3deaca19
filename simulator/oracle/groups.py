"""Groups of children and areas of schools."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DATA = Path(__file__).parents[1] / "data"
NOT_KNOWN, OUTSIDE = "not known", "outside the city"
COHORT_PHASES = ("primary", "secondary", "special")


def age_on_31_august(date_of_birth: pd.Series, year: int) -> pd.Series:
    """Whole years of age on 31 August of `year`."""
    born = pd.to_datetime(date_of_birth)
    return year - born.dt.year - (born.dt.month > 8)


def cohort(rolls: pd.DataFrame, year: int) -> pd.Series:
    """Whether DfE's statistics count an enrolment: aged 5 to 15, no boarder, state-funded primary, secondary, special."""
    age = age_on_31_august(rolls["date_of_birth"], year)
    return age.between(5, 15) & ~rolls["is_boarder"].astype(bool) & rolls["phase"].isin(COHORT_PHASES)


PHASE_NAMES = {
    "primary": "Primary", "secondary": "Secondary", "special": "Special", "ap": "Alternative provision",
    "nursery": "Nursery", "independent": "Independent",
}  # fmt: skip
SEX = {"M": "boys", "F": "girls"}
SEN = {"E": "EHC plan", "K": "SEN support", "N": "no SEN"}
STATED = {
    "fsm": ("free school meals", "not free school meals"), "eal": ("EAL", "not EAL"),
}  # fmt: skip
# DfE children in need census rule 4220, with the major groups of DfE's absence statistics.
ETHNICITIES = {
    "Asian": {"ABAN": "Bangladeshi", "AIND": "Indian", "AOTH": "any other Asian background", "APKN": "Pakistani"},
    "Black": {"BAFR": "Black African", "BCRB": "Black Caribbean", "BOTH": "any other Black background"},
    "Chinese": {"CHNE": "Chinese"},
    "Mixed": {"MOTH": "any other mixed background", "MWAS": "White and Asian", "MWBA": "White and Black African",
              "MWBC": "White and Black Caribbean"},
    "Other": {"OOTH": "any other ethnic group"},
    "White": {"WBRI": "White British", "WIRI": "White Irish", "WIRT": "Traveller of Irish heritage",
              "WOTH": "any other White background", "WROM": "Gypsy and Roma"},
    NOT_KNOWN: {"NOBT": "not yet obtained", "REFU": "refused"},
}  # fmt: skip
DIMENSIONS = {
    "all": ["everybody"], "year group": ["year_group"], "sex": ["sex"], "free school meals": ["fsm"],
    "SEN provision": ["sen"], "EAL": ["eal"], "ethnic group": ["ethnic_group"], "ethnicity": ["ethnicity"],
    "looked after": ["looked_after"], "in need": ["cin"], "protection plan": ["cp"],
    "ward of residence": ["ward_of_residence"], "LSOA": ["lsoa"], "IMD decile": ["imd_decile"],
}  # fmt: skip
CROSSES = {
    "free school meals × SEN provision": ["fsm", "sen"], "free school meals × sex": ["fsm", "sex"],
    "free school meals × year group": ["fsm", "year_group"], "free school meals × ethnic group": ["fsm", "ethnic_group"],
    "SEN provision × year group": ["sen", "year_group"], "SEN provision × sex": ["sen", "sex"],
    "year group × sex": ["year_group", "sex"], "looked after × SEN provision": ["looked_after", "sen"],
}  # fmt: skip


def residence(children: pd.DataFrame, la_code: str) -> pd.DataFrame:
    """person_no, ward_of_residence, lsoa, imd_decile: where the council says that each child lives, as known."""
    areas = pd.read_csv(DATA / "lsoas.csv", dtype=str).merge(
        pd.read_csv(DATA / "wards.csv", dtype=str)[["ward24_code", "ward24_name"]], on="ward24_code"
    )
    homes = children[["person_no", "home_la", "lsoa_code"]].merge(
        areas, left_on="lsoa_code", right_on="lsoa21_code", how="left"
    )
    places = {"ward_of_residence": "ward24_name", "lsoa": "lsoa_code", "imd_decile": "imd_decile"}
    elsewhere = homes["home_la"].notna() & (homes["home_la"] != la_code)
    named = {name: homes[column].where(~elsewhere, OUTSIDE) for name, column in places.items()}
    return pd.DataFrame({"person_no": homes["person_no"], **named})


def named_groups(rolls: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """enrolment_no and the name of its group in every dimension but those of the council's dated statuses; `homes` as
    `residence` gives them.
    """
    lives = rolls[["person_no"]].merge(homes, on="person_no", how="left").set_index(rolls.index)
    names = {code: name for group in ETHNICITIES.values() for code, name in group.items()}
    majors = {code: major for major, group in ETHNICITIES.items() for code in group}
    groups = {
        "enrolment_no": rolls["enrolment_no"],
        "everybody": pd.Series("all children", index=rolls.index),
        "year_group": rolls["nc_year"].replace("", None),
        "sex": rolls["sex"].map(SEX),
        "sen": rolls["sen"].map(SEN),
        "ethnicity": rolls["ethnicity"].map(names),
        "ethnic_group": rolls["ethnicity"].map(majors),
    }
    for name in ("ward_of_residence", "lsoa", "imd_decile"):
        groups[name] = lives[name]
    for name, (stated, denied) in STATED.items():
        groups[name] = rolls[name].map({True: stated, False: denied})
    return pd.DataFrame(groups).fillna(NOT_KNOWN)
