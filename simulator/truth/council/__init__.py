"""What the council itself knows: one table a feed, children on no roll, and the true answer on missing education.

A stream of random numbers of its own: persons, rolls and marks are the same with it and without.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulator.truth.council.absence import legal, plans, school_returns
from simulator.truth.council.children import children_feed, children_on_no_roll, name_children
from simulator.truth.council.context import Context
from simulator.truth.council.missing import missing_education
from simulator.truth.council.support import interventions, meetings, social_care
from simulator.truth.register import Register

STREAM = 436


def build_council(
    out: Path,
    people: pd.DataFrame,
    pupils: pd.DataFrame,
    enrolments: pd.DataFrame,
    schools: pd.DataFrame,
    register: Register,
    *,
    seed: int,
    last_day: str,
) -> dict[str, int]:
    """Write ``council/<feed>.parquet`` and ``cme_truth.parquet`` under ``out``; returns rows by table.

    Each row carries ``person_no``, ``known_on`` (the evening from which the council's system holds it), how the feed names
    the child, and the feed's columns as they finally are.
    """
    context = Context(people, enrolments, schools, register, np.random.default_rng([seed, STREAM]), last_day)
    extra = children_on_no_roll(context)
    tables = missing_education(context, extra)
    truth = tables.pop("cme_truth")
    tables |= {
        "social_care": social_care(context),
        "plans": plans(context),
        "school_returns": school_returns(context),
        "legal": legal(context),
        "interventions": interventions(context),
        **meetings(context),
    }
    everyone = pd.concat([people, extra], ignore_index=True)
    tables["children"] = children_feed(context, everyone, extra)
    folder = out / "council"
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        named = name_children(context, table, everyone, whole=name == "children")
        named.to_parquet(folder / f"{name}.parquet", index=False)
    extra.to_parquet(folder / "children_on_no_roll.parquet", index=False)
    truth.to_parquet(out / "cme_truth.parquet", index=False)
    return {name: len(table) for name, table in tables.items()} | {"cme_truth": len(truth)}
