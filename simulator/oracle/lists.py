"""Lists of children: persistently and severely absent, and movers since the set published before."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pandas as pd

from simulator.oracle.care import flags_on
from simulator.oracle.groups import PHASE_NAMES
from simulator.oracle.provision import newest_schools
from simulator.oracle.thresholds import LABELS

ABSENTEES = [
    "urn", "school_name", "dfe_phase", "link_officer", "nc_year", "registration_group", "absence_band", "sen",
    "sessions_possible", "sessions_absent", "sessions_authorised", "sessions_unauthorised", "sessions_part_time",
    "sessions_unknown", "school_sessions_possible", "school_sessions_absent", "absence_rate", "school_absence_rate",
    "is_severely_absent", "is_persistently_absent_without_part_time", "is_fsm", "is_looked_after", "is_cin", "is_cp",
]  # fmt: skip
MOVERS = ["urn", "band_before", "band_now", "sessions_possible", "sessions_absent", "is_worse", "is_into_persistent",
          "is_out_of_persistent", "is_into_severe", "is_out_of_severe"]  # fmt: skip
RANKS = {LABELS[0]: 0, LABELS[3]: 1, LABELS[2]: 2, LABELS[1]: 3}
Mart = tuple[str, list[str], list[str], pd.DataFrame]


def absentees(
    db: duckdb.DuckDBPyConnection, night: str, rolls: pd.DataFrame, children: pd.DataFrame, enrolments: pd.DataFrame
) -> pd.DataFrame:
    """One row per persistently absent child and school on whose roll it is; counts with flags of the year to date."""
    schools = db.execute("select urn, name as school_name, link_officer, phase from schools").df()
    schools["dfe_phase"] = schools.pop("phase").map(PHASE_NAMES)
    stays = rolls.loc[rolls["is_on_roll"], ["person_no", "enrolment_no", "urn", "nc_year", "registration_group",
                                            "sen", "fsm"]]  # fmt: skip
    stays = stays.rename(columns={"fsm": "is_fsm"}).replace({"registration_group": {"": None}})
    own = enrolments.set_index("enrolment_no")[["sessions_possible", "sessions_absent", "absence_rate"]]
    rows = children[children["is_persistently_absent"]].merge(stays, on="person_no").merge(schools, on="urn")
    rows = rows.join(own.add_prefix("school_"), on="enrolment_no").merge(flags_on(db, night), on="person_no")
    for name in ("school_sessions_possible", "school_sessions_absent"):
        rows[name] = rows[name].fillna(0)
    return rows


def movers(db: duckdb.DuckDBPyConnection, rolls: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """One row per child whose band of the year is another one than in the set published before."""
    before = db.execute("select person_no, absence_band as band_before from bands_before").df()
    rows = children.rename(columns={"absence_band": "band_now"}).merge(before, on="person_no")
    rows = rows[rows["band_now"] != rows["band_before"]].merge(newest_schools(rolls), on="person_no", how="left")
    was, now = (rows[name].map(RANKS).astype(float) for name in ("band_before", "band_now"))
    return rows.assign(
        is_worse=now > was,
        is_into_persistent=(was < 2) & (now >= 2), is_out_of_persistent=(was >= 2) & (now < 2),
        is_into_severe=(was < 3) & (now == 3), is_out_of_severe=(was == 3) & (now < 3),
    )  # fmt: skip


def marts(
    db: duckdb.DuckDBPyConnection, night: str, rolls: pd.DataFrame, children: pd.DataFrame, enrolments: pd.DataFrame
) -> Iterator[Mart]:
    """mart, keys, columns and rows of the lists; the counts are those of every period."""
    year = children[children["period_type"] == "year"]
    rows = absentees(db, night, rolls, year, enrolments[enrolments["period_type"] == "year"])
    yield "rpt_persistent_absentees", ["person_no", "enrolment_no"], ABSENTEES, rows
    yield "rpt_severe_absentees", ["person_no", "enrolment_no"], ABSENTEES, rows[rows["is_severely_absent"]]
    yield "rpt_movers", ["person_no"], MOVERS, movers(db, rolls, year)
