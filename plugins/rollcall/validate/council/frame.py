"""From the rows of a feed as stated to the frame that a suite judges, and on to canonical columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from rollcall.council import CHILD, Column, Feed
from rollcall.validate import upn
from rollcall.validate.dates import EPOCH, UNREADABLE, as_dates, days_of

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SPAN: Final = "days_from_"
_TYPES: Final[dict[str, Any]] = {
    "date": pa.date32(),
    "yes_no": pa.bool_(),
    "whole": pa.int16(),
    "school": pa.int32(),
    "urn": pa.int32(),
}


def columns_of(feed: Feed) -> tuple[Column, ...]:
    """Every column of the feed's file, the child's first."""
    return (*(CHILD if feed.child != "none" else ()), *feed.columns)


def schema_of(feed: Feed) -> pa.Schema:
    """Canonical rows: ``line``, ``is_withheld``, then every column of the file with its type."""
    fields = [(column.name, _TYPES.get(column.kind, pa.string())) for column in columns_of(feed)]
    return pa.schema([("line", pa.int32()), ("is_withheld", pa.bool_()), *fields])


def feed_frame(feed: Feed, stated: pa.Table, night: date, urns: Iterable[int], rule_columns: set[str]) -> pd.DataFrame:
    """One row per stated row: its texts (None = not stated), dates as days since 1970, and facts for the suite.

    A fact that cannot be known, because a column is missing, is None: the rules pass it over. ``rule_columns`` says which
    spans (``days_from_A_to_B``; ``night`` is the night) the suite asks for.
    """
    names = feed.stated
    texts = pd.DataFrame({name: stated.column(name).to_pylist() for name in names}, dtype=object)
    texts = texts.apply(lambda column: column.str.strip()) if len(texts) else texts
    frame = texts.where(texts != "", None)
    for column in columns_of(feed):
        text = frame[column.name]
        if column.kind == "date":
            days = text.map({value: days_of(value) for value in text.dropna().unique()}).astype("Float64")
            frame[_day(column.name)] = days.astype(object).where(days.notna() & (days != UNREADABLE), None)
            frame[f"is_{column.name}_readable"] = _fact(frame[_day(column.name)].notna(), text.notna())
        elif column.kind == "school":
            known = {str(urn) for urn in urns}
            frame[f"is_{column.name}_of_the_city"] = _fact(text.isin(known), text.notna())
        elif column.kind == "codes":
            known_words = text.map(lambda words, column=column: _are_known(words, column))
            frame[f"is_{column.name}_known"] = _fact(known_words.astype(bool), text.notna())
    if feed.child != "none":
        _name_the_child(frame)
    frame["longest_text"] = texts.apply(lambda column: column.str.len()).max(axis=1) if len(texts) else []
    frame["formula_cells"] = sum(
        (texts[name].str.startswith(FORMULA) & (texts[name].str.len() > 1)).astype(int) for name in names
    )
    _find_repeated(feed, frame, texts)
    frame["night_day"] = float(night.toordinal() - EPOCH)
    for name in sorted(rule_columns):
        if name.startswith(_SPAN):
            first, _, last = name.removeprefix(_SPAN).partition("_to_")
            frame[name] = frame[f"{last}_day"] - frame[f"{first}_day"]
    return frame


def canonical(feed: Feed, frame: pd.DataFrame, lines: pa.ChunkedArray, is_withheld: Any) -> pa.Table:
    """Typed rows from the frame as it stands after the suite cleared what it clears."""
    columns: list[Any] = [lines, pa.array(is_withheld, pa.bool_())]
    for column in columns_of(feed):
        text = frame[column.name]
        if column.kind == "date":
            days = frame[_day(column.name)].astype("Float64").fillna(UNREADABLE).to_numpy(dtype=np.int32)
            columns.append(as_dates(days))
        elif column.kind == "yes_no":
            columns.append(pa.array([None if word is None else word == "Y" for word in text], pa.bool_()))
        elif column.kind in ("whole", "school", "urn"):
            numbers = [int(word) if word is not None and word.isascii() and word.isdigit() else None for word in text]
            limit = 2**15 if column.kind == "whole" else 2**31
            numbers = [None if number is None or number >= limit else number for number in numbers]
            columns.append(pa.array(numbers, _TYPES[column.kind]))
        else:
            columns.append(pa.array(text.tolist(), pa.string()))
    return pa.Table.from_arrays(columns, schema=schema_of(feed))


def _day(name: str) -> str:
    return f"{name.removesuffix('_date')}_day"


def _name_the_child(frame: pd.DataFrame) -> None:
    """Whether the row names a child at all: by a number that can be right, or by names and a readable birth date."""
    named = frame["la_child_id"].notna()
    for column in ("upn", "former_upn"):
        valid = frame[column].map(lambda text: isinstance(text, str) and upn.is_valid(text)).astype(bool)
        frame[f"is_{column}_valid"] = _fact(valid, frame[column].notna())
        named |= valid
    has_names = frame["surname"].notna() & frame["forename"].notna() & frame[_day("date_of_birth")].notna()
    frame["is_child_named"] = (named | has_names).astype(bool)
    numbers = ["la_child_id", "upn", "former_upn", "surname", "forename", "date_of_birth"]
    frame["is_child_named_or_left_out"] = frame["is_child_named"] | frame[numbers].isna().all(axis=1)


def _find_repeated(feed: Feed, frame: pd.DataFrame, texts: pd.DataFrame) -> None:
    names = [column.name for column in feed.columns if column.stored in feed.key]
    if "council_child_id" in feed.key:
        names = [*(column.name for column in CHILD), *names]
    keys = texts[names].agg("\x1f".join, axis=1) if len(texts) else pd.Series([], dtype=object)
    content = texts.agg("\x1f".join, axis=1) if len(texts) else pd.Series([], dtype=object)
    versions = content.groupby(keys).transform("nunique")
    frame["is_stated_once"] = (versions <= 1).astype(bool)
    frame["is_repeated"] = keys.duplicated(keep="first") & (versions <= 1)


def _are_known(words: Any, column: Column) -> bool:
    return isinstance(words, str) and all(word in column.values for word in words.split())


def _fact(is_true: pd.Series, is_known: pd.Series) -> pd.Series:
    return is_true.astype(object).where(is_known, None)
