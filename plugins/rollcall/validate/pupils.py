"""Pupils: from the rows as stated to the frame that the suite judges, and from its judgement to canonical rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rollcall.extract import PUPILS
from rollcall.validate import upn
from rollcall.validate.dates import UNREADABLE, as_dates, days_of
from rollcall.validate.readers.stated import PUPIL_COLUMNS
from rollcall.validate.rules import Rows, Suite

USUAL_AGE: Final = {"N1": 2, "N2": 3, "R": 4} | {str(year): year + 4 for year in range(1, 15)}
"""Age in whole years on 31 August before the school year, by national curriculum year."""

FLAGS: Final = ("is_boarder", "fsm", "eal", "looked_after", "cin", "cp")
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class JudgedPupils:
    """Pupil rows after the suite: ``reason`` names the first rule that quarantines a row (empty = none)."""

    accepted: pa.Table
    withheld: pa.Table
    reason: list[str]
    is_repeated: Bools


def pupil_frame(stated: pa.Table, night: date) -> pd.DataFrame:
    """One row per stated row: its texts (None = not stated), dates as days since 1970, and facts for the suite.

    A fact that cannot be known for a row, because another column is missing, is None: the rules then pass it over.
    """
    frame = pd.DataFrame({name: stated.column(name).to_pylist() for name in PUPIL_COLUMNS}, dtype=object)
    texts = [stated.column(name) for name in PUPIL_COLUMNS]
    content = pd.Series(pc.binary_join_element_wise(*texts, "\x1f").to_pylist(), dtype=object)
    longest = pd.Series(pc.max_element_wise(*[pc.utf8_length(text) for text in texts]).to_numpy())
    frame = frame.where(frame != "", None)
    frame["birth_day"] = _days(frame["date_of_birth"])
    frame["entry_day"] = _days(frame["entry_date"])
    frame["leaving_day"] = _days(frame["leaving_date"])
    frame["is_leaving_date_readable"] = _fact(frame["leaving_day"].notna(), frame["leaving_date"].notna())
    frame["age_at_entry_days"] = frame["entry_day"] - frame["birth_day"]
    frame["days_on_roll"] = frame["leaving_day"] - frame["entry_day"] + 1
    frame["longest_text"] = longest
    frame["years_from_usual_age"] = _years_from_usual_age(frame, night)
    for column in ("upn", "former_upn"):
        valid = frame[column].map(lambda text: isinstance(text, str) and upn.is_valid(text)).astype(bool)
        frame[f"is_{column}_valid"] = _fact(valid, frame[column].notna())
    owners = frame.groupby("upn")["pupil_id"].transform("nunique")
    frame["is_upn_unshared"] = _fact(owners <= 1, frame["upn"].notna())
    keys = frame["pupil_id"].fillna("") + "\x1f" + frame["entry_day"].astype("Float64").astype(str)
    versions = content.groupby(keys).transform("nunique")
    frame["is_unambiguous"] = _fact(versions <= 1, frame["pupil_id"].notna() & frame["entry_day"].notna())
    frame["is_repeated"] = keys.duplicated(keep="first") & (versions <= 1)
    return frame


def judge_pupils(stated: pa.Table, frame: pd.DataFrame, suite: Suite, broken: Mapping[str, Rows]) -> JudgedPupils:
    """Apply the suite's judgement (row positions by rule): quarantine rows, clear values, drop repeated rows."""
    reason = np.full(len(frame), "", dtype=object)
    for rule in suite.rules:
        rows = broken[rule.id]
        if rule.on_fail == "quarantine":
            reason[rows[reason[rows] == ""]] = rule.id
        elif rule.on_fail == "clear":
            frame.loc[rows, rule.clears] = None
    is_quarantined = (reason != "").astype(bool)
    is_repeated = frame["is_repeated"].to_numpy(dtype=bool) & ~is_quarantined
    canonical = _canonical(stated, frame)
    return JudgedPupils(
        accepted=canonical.filter(pa.array(~is_quarantined & ~is_repeated)),
        withheld=canonical.filter(pa.array(is_quarantined)).select(["pupil_id", "entry_date"]),
        reason=list(reason),
        is_repeated=is_repeated,
    )


def _days(column: pd.Series) -> pd.Series:
    days = {text: days_of(text) for text in column.dropna().unique()}
    read = column.map(days).astype("Float64")
    return read.where(read != UNREADABLE).astype(object).where(read.notna() & (read != UNREADABLE), None)


def _fact(is_true: pd.Series, is_known: pd.Series) -> pd.Series:
    return is_true.astype(object).where(is_known, None)


def _years_from_usual_age(frame: pd.DataFrame, night: date) -> pd.Series:
    first_of_september = date(night.year - (night.month < 9), 9, 1)
    age = (
        first_of_september.toordinal() - date(1970, 1, 1).toordinal() - frame["birth_day"].astype("Float64")
    ) // 365.25
    usual = frame["nc_year"].map(USUAL_AGE).astype("Float64")
    is_current = frame["leaving_day"].isna()
    return (age - usual).astype(object).where(age.notna() & usual.notna() & is_current, None)


def _canonical(stated: pa.Table, frame: pd.DataFrame) -> pa.Table:
    columns: list[pa.Array | pa.ChunkedArray] = []
    for item in PUPILS:
        if item.name in ("file", "line"):
            columns.append(stated.column(item.name))
        elif item.name in ("date_of_birth", "entry_date", "leaving_date"):
            days = frame[{"date_of_birth": "birth_day"}.get(item.name, item.name.replace("date", "day"))]
            columns.append(as_dates(days.astype("Float64").fillna(UNREADABLE).to_numpy(dtype=np.int32)))
        elif item.name in FLAGS:
            columns.append(pa.array([None if text is None else text == "Y" for text in frame[item.name]], pa.bool_()))
        elif item.name == "destination_urn":
            columns.append(pa.array([None if text is None else int(text) for text in frame[item.name]], pa.int32()))
        elif item.name == "enrolment_status":
            columns.append(pa.array(frame[item.name].fillna("C").tolist(), pa.string()))
        else:
            columns.append(pa.array(frame[item.name].tolist(), item.type))
    return pa.Table.from_arrays(columns, schema=PUPILS)
