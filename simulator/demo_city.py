"""The demo city's folder: Derby's mix of phases, types, sizes and wards under invented names, URNs and trusts.

Sizes: roll numbers published by DfE for January 2019, scaled to the 2025/26 enrolment totals, rounded to five and
shuffled, so that no size belongs to a real school. Calendar: the Derbyshire proxy, with closures drawn for each school.
Contains public sector information licensed under the Open Government Licence v3.0.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.city_files import SCHOOL_COLUMNS

DATA = Path(__file__).parent / "data"
DEMO_CITY = Path(__file__).parent / "city"
FIRST_URN = 900001
PHASES = ("primary", "secondary", "special", "nursery", "ap", "independent")
FIRST_PARTS = (DATA / "school_names.txt").read_text(encoding="utf-8").split()
TRUSTS = (
    "Three Rivers Learning Trust",
    "Cornerstone Academies Trust",
    "Lodestar Education Trust",
    "Harebell Learning Partnership",
    "Meridian Schools Trust",
    "Silver Birch Academies",
)
ENDINGS = {
    "infant": "Infant School",
    "junior": "Junior School",
    "primary": "Primary School",
    "secondary": "Community School",
    "special": "School",
    "nursery": "Nursery School",
    "ap": "Centre",
    "independent": "Independent School",
}
YEARS = {
    "infant": ("N2", "2"),
    "junior": ("3", "6"),
    "primary": ("R", "6"),
    "secondary": ("7", "11"),
    "special": ("R", "13"),
    "nursery": ("N1", "N2"),
    "ap": ("7", "11"),
    "independent": ("R", "13"),
}
HALF_TERMS = (
    ("autumn 1", "2025-09-04", "2025-10-24"),
    ("autumn 2", "2025-11-03", "2025-12-19"),
    ("spring 1", "2026-01-05", "2026-02-13"),
    ("spring 2", "2026-02-23", "2026-03-27"),
    ("summer 1", "2026-04-13", "2026-05-22"),
    ("summer 2", "2026-06-01", "2026-07-23"),
)
INDEPENDENT_HALF_TERMS = (
    ("autumn 1", "2025-09-03", "2025-10-17"),
    ("autumn 2", "2025-11-03", "2025-12-12"),
    ("spring 1", "2026-01-07", "2026-02-13"),
    ("spring 2", "2026-02-23", "2026-03-27"),
    ("summer 1", "2026-04-20", "2026-05-22"),
    ("summer 2", "2026-06-01", "2026-07-10"),
)
BANK_HOLIDAYS = (
    ("Summer bank holiday", "2025-08-25"),
    ("Christmas Day", "2025-12-25"),
    ("Boxing Day", "2025-12-26"),
    ("New Year's Day", "2026-01-01"),
    ("Good Friday", "2026-04-03"),
    ("Easter Monday", "2026-04-06"),
    ("Early May bank holiday", "2026-05-04"),
    ("Spring bank holiday", "2026-05-25"),
)
INSET_CHOICES = (
    "2025-09-05",
    "2025-10-24",
    "2025-11-03",
    "2026-01-05",
    "2026-02-13",
    "2026-02-23",
    "2026-04-13",
    "2026-06-01",
)
POLLING_DAY = "2026-05-07"
PROXY = "Derbyshire County term dates used as a labelled proxy"


def write_demo_city(folder: Path = DEMO_CITY, seed: int = 831) -> int:
    """Write schools.csv, rolls.csv and calendar.csv of the demo city into `folder`; return the number of schools."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    schools, rolls = _schools(rng)
    schools.to_csv(folder / "schools.csv", index=False, lineterminator="\n", columns=SCHOOL_COLUMNS)
    rolls.to_csv(folder / "rolls.csv", index=False, lineterminator="\n")
    _calendar(schools, rng).to_csv(folder / "calendar.csv", index=False, lineterminator="\n")
    return len(schools)


def _schools(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    sizes = pd.read_csv(DATA / "roll_sizes.csv")
    sizes["order"] = sizes["phase"].map({phase: place for place, phase in enumerate(PHASES)})
    sizes["shuffle"] = rng.random(len(sizes))
    sizes = sizes.sort_values(["order", "shuffle"], ignore_index=True)
    names = rng.permutation(FIRST_PARTS)[: len(sizes)]
    with (DATA / "wards.csv").open(encoding="utf-8", newline="") as handle:
        wards = list(csv.DictReader(handle))
    weights = np.array([float(ward["children"]) + 500 for ward in wards])
    ward_of = rng.choice(len(wards), len(sizes), p=weights / weights.sum())
    frame = pd.DataFrame({"urn": np.arange(FIRST_URN, FIRST_URN + len(sizes)), "phase": sizes["phase"]})
    frame["laestab"] = 8319001 + frame.index
    frame["name"] = [f"{name} {ENDINGS[kind]}" for name, kind in zip(names, sizes["kind"], strict=True)]
    frame["type"] = sizes["type_group"]
    frame["type_group"] = sizes["type_group"]
    is_academy = sizes["type_group"].str.contains("cademy")
    frame["trust"] = np.where(is_academy, np.array(TRUSTS)[rng.integers(0, len(TRUSTS), len(sizes))], "")
    frame["ward_code"] = [wards[place]["ward24_code"] for place in ward_of]
    frame["ward_name"] = [wards[place]["ward24_name"] for place in ward_of]
    _connect(frame, sizes["roll"].to_numpy(), rng)
    frame["link_officer"] = [f"officer_{number}" for number in rng.integers(1, 7, len(sizes))]
    frame["sold_services"] = np.where(rng.random(len(sizes)) < 0.35, "attendance_casework", "")
    frame["open_date"] = np.where(is_academy, "2016-09-01", "1998-09-01")
    frame["close_date"] = ""
    rolls = pd.DataFrame({"urn": frame["urn"], "kind": sizes["kind"], "roll": sizes["roll"]})
    rolls["first_year"] = [YEARS[kind][0] for kind in sizes["kind"]]
    rolls["last_year"] = [YEARS[kind][1] for kind in sizes["kind"]]
    rolls.loc[(sizes["kind"] == "secondary") & (sizes["roll"] >= 1200), "last_year"] = "13"
    rolls.loc[(sizes["kind"] == "primary") & (sizes["roll"] >= 300), "first_year"] = "N2"
    return frame, rolls


def _connect(frame: pd.DataFrame, roll: np.ndarray, rng: np.random.Generator) -> None:
    """15 of the smallest schools use the watched folder, 33 of the rest SFTP, all others the aggregator's API."""
    order = np.argsort(roll, kind="stable")
    folder = order[:15]
    sftp = rng.choice(order[15:], 33, replace=False)
    kind = np.full(len(frame), "wonde", dtype=object)
    kind[sftp] = "sftp"
    kind[folder] = "folder"
    settings = np.array([f"school_id=A{urn}" for urn in frame["urn"]], dtype=object)
    settings[sftp] = "file=csv"
    settings[folder] = "file=csv"
    settings[folder[:8]] = "file=xlsx"
    frame["connector"] = kind
    frame["connection"] = [
        "folder_drop" if name == "folder" else f"{name}_{urn}" for name, urn in zip(kind, frame["urn"], strict=True)
    ]
    frame["connector_settings"] = settings


def _calendar(schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, str, str, str]] = []
    rows += [("*", "term", name, first, last, "proxy", PROXY) for name, first, last in HALF_TERMS]
    rows += [("*", "closed", name, day, day, "declared", "GOV.UK bank holidays") for name, day in BANK_HOLIDAYS]
    polling = set(schools.loc[schools["phase"] == "primary", "urn"].iloc[:3])
    for urn, phase in zip(schools["urn"], schools["phase"], strict=True):
        if phase == "independent":
            rows += [(str(urn), "term", name, a, b, "declared", "invented") for name, a, b in INDEPENDENT_HALF_TERMS]
            continue
        days = ["2025-09-04", *sorted(rng.choice(INSET_CHOICES, 3, replace=False)), "2026-07-23"]
        rows += [(str(urn), "closed", "INSET day", day, day, "declared", "invented") for day in days]
        if urn in polling:
            rows.append((str(urn), "closed", "Polling station", POLLING_DAY, POLLING_DAY, "declared", "invented"))
    frame = pd.DataFrame(rows, columns=["urn", "kind", "name", "first_day", "last_day", "status", "source"])
    frame.insert(1, "academic_year", "2025/26")
    return frame
