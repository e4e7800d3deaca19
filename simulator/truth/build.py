"""Build the whole truth and write it down: persons, pupils, enrolments, marks, corrections and the scenario."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.city_files import read_schools, school_days
from simulator.demo_city import DEMO_CITY, POLLING_DAY
from simulator.scenario import scenario
from simulator.truth.codes import CODES, INDEX
from simulator.truth.corrections import log_corrections
from simulator.truth.council import build_council
from simulator.truth.enrolments import build_enrolments
from simulator.truth.marks import lay_out, write_codes
from simulator.truth.people import build_people
from simulator.truth.planted import plant
from simulator.truth.register import Register

FIRST_DAY, LAST_DAY = "2025-09-01", "2026-07-10"


def build_truth(
    out: Path,
    *,
    seed: int = 831,
    limit: int | None = None,
    last_day: str = LAST_DAY,
    defects: str = "demo",
    city: Path = DEMO_CITY,
) -> dict[str, int]:
    """Write the truth of `city` into `out` and return row counts. The same arguments give the same tables; `limit`
    keeps few schools.
    """
    rng = np.random.default_rng(seed)
    schools = read_schools(city, limit)
    people = build_people(schools, rng)
    pupils, enrolments = build_enrolments(people, schools, rng)
    groups = pupils.set_index("pupil_no").groupby(["urn", "registration_group"]).ngroup()
    enrolments["group_no"] = enrolments["pupil_no"].map(groups)
    phases = schools.set_index("urn")["phase"]
    enrolments["phase"] = enrolments["urn"].map(phases)
    days = school_days(city, schools["urn"].tolist(), FIRST_DAY, last_day)
    register = lay_out(enrolments, _with_closed_days_marked(days, last_day))
    closed = np.flatnonzero(register.day == np.datetime64(POLLING_DAY).astype(np.int64))
    spells, spell_code = write_codes(register, enrolments, people, rng)
    shut = closed[~_is_open(enrolments, days)[register.owner[closed]]]
    register.code[shut] = INDEX["#"]
    log = log_corrections(register, spells, spell_code, enrolments, rng)
    log = log[~np.isin(log["place"], shut)]
    register.first[shut] = INDEX["#"]
    log, planted = plant(register, log, enrolments)
    out.mkdir(parents=True, exist_ok=True)
    people.drop(columns=["phase", "year_no", "nc_year", "urn"]).to_parquet(out / "persons.parquet", index=False)
    pupils.to_parquet(out / "pupils.parquet", index=False)
    enrolments.drop(columns=["weekdays_here"]).to_parquet(out / "enrolments.parquet", index=False)
    schools.to_parquet(out / "schools.parquet", index=False)
    _write_marks(register, enrolments["urn"].to_numpy(), out)
    _write_corrections(register, log, out)
    _write_days(days, out)
    council = build_council(out, people, pupils, enrolments, schools, register, seed=seed, last_day=last_day)
    story = scenario(schools, defects) | {
        "seed": seed,
        "first_day": FIRST_DAY,
        "last_day": last_day,
        "planted": planted,
    }
    (out / "scenario.json").write_text(json.dumps(story, indent=1), encoding="utf-8")
    return {
        "schools": len(schools),
        "persons": len(people),
        "enrolments": len(enrolments),
        "marks": len(register.code),
        "corrections": len(log),
        "council records": sum(council.values()),
    }


def _with_closed_days_marked(days: dict[int, np.ndarray], last_day: str) -> dict[int, np.ndarray]:
    """Schools that were polling stations still write # on that day."""
    polling = np.datetime64(POLLING_DAY)
    if polling > np.datetime64(last_day):
        return days
    return {
        urn: np.union1d(open_days, polling) if polling not in open_days else open_days
        for urn, open_days in days.items()
    }


def _is_open(enrolments: pd.DataFrame, days: dict[int, np.ndarray]) -> np.ndarray:
    """Whether the school of each enrolment is open on polling day."""
    open_urns = [urn for urn, open_days in days.items() if np.datetime64(POLLING_DAY) in open_days]
    return np.isin(enrolments["urn"].to_numpy(), open_urns)


def _coded(places: np.ndarray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places == 0), pa.array(CODES))


def _write_marks(register: Register, urns: np.ndarray, out: Path) -> None:
    """Each school's marks are a group of rows of their own, so that one school is read alone."""
    day = pa.array(register.day.astype(np.int32)).cast(pa.date32())
    columns = {
        "enrolment_no": pa.array(register.owner + np.int32(1)),
        "session_date": day,
        "half": pa.array(register.half),
        "first_code": _coded(register.first),
        "code": _coded(register.code),
        "known_at": day,
    }
    table = pa.table(columns)
    first = np.flatnonzero(np.append(True, urns[1:] != urns[:-1]))
    bounds = register.offset[np.append(first, len(urns))].tolist()
    # nobody asks for the least and the greatest code, and to find them takes half the time of writing codes
    numbers = ["enrolment_no", "session_date", "half", "known_at"]
    with pq.ParquetWriter(out / "marks.parquet", table.schema, compression="snappy", write_statistics=numbers) as file:
        for low, high in itertools.pairwise(bounds):
            if high > low:
                file.write_table(table.slice(low, high - low), row_group_size=1 << 24)


def _write_corrections(register: Register, log: pd.DataFrame, out: Path) -> None:
    place = log["place"].to_numpy()
    columns = {
        "enrolment_no": pa.array(register.owner[place] + np.int32(1)),
        "session_date": pa.array(register.day[place].astype(np.int32)).cast(pa.date32()),
        "half": pa.array(register.half[place]),
        "corrected_on": pa.array(log["corrected_on"].to_numpy().astype(np.int32)).cast(pa.date32()),
        "old_code": _coded(log["old_code"].to_numpy()),
        "new_code": _coded(log["new_code"].to_numpy()),
    }
    pq.write_table(pa.table(columns), out / "corrections.parquet", compression="snappy")


def _write_days(days: dict[int, np.ndarray], out: Path) -> None:
    urn = np.repeat(np.array(list(days), dtype=np.int32), [len(open_days) for open_days in days.values()])
    pq.write_table(
        pa.table({"urn": urn, "session_date": np.concatenate(list(days.values()))}), out / "school_days.parquet"
    )
