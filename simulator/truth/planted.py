"""Planted cases: corrections exactly five weeks late, on a demo night, that move a named flag of one child."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulator.truth.codes import INDEX
from simulator.truth.register import Register

NIGHT = "2026-07-09"
SESSION = "2026-06-04"
CASES = (
    ("not_taken_to_illness", 0, "I", "persistent off -> on"),
    ("unexplained_to_present", "N", "/", "persistent on -> off"),
    ("unexplained_to_illness", "N", "I", "unauthorised sessions 10 -> 9; penalty threshold met -> not met"),
)


def plant(register: Register, log: pd.DataFrame, enrolments: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Rewrite the year of one child per case; return the log without their old corrections and with the planted
    ones, and the list.
    """
    night, session = (np.datetime64(text).astype(np.int64) for text in (NIGHT, SESSION))
    if register.day.max() < night:
        return log, []
    single = (
        ~enrolments["person_no"].duplicated(keep=False)
        & (enrolments["story"] == "")
        & (enrolments["phase"] == "secondary")
    )
    whole_year = (np.diff(register.offset) > 350) & enrolments["year_no"].between(9, 11).to_numpy() & single.to_numpy()
    chosen = np.flatnonzero(whole_year)
    chosen = (
        chosen[np.linspace(0, len(chosen) - 1, len(CASES)).astype(int)] if len(chosen) >= len(CASES) else chosen[:0]
    )
    planted, rows = [], []
    for (name, before, after, moves), owner in zip(CASES, chosen, strict=False):
        low, high = register.offset[owner], register.offset[owner + 1]
        log = log[(log["place"] < low) | (log["place"] >= high)]
        places = np.arange(low, high)
        register.code[low:high] = np.where(register.half[low:high] == 1, INDEX["/"], INDEX["\\"])
        known = int((register.day[low:high] <= night).sum())
        target = int(places[(register.day[low:high] == session) & (register.half[low:high] == 1)][0])
        filler = places[(places != target) & (register.day[low:high] < session)]
        # A few registers never taken make the possible sessions of that night a multiple of ten: the flag then turns.
        register.code[filler[: known % 10]] = 0
        least = known // 10
        if name == "unexplained_to_illness":
            register.code[filler[-9:]] = INDEX["O"]
        else:
            register.code[filler[20 : 20 + least - 1]] = INDEX["I"]
        register.first[low:high] = register.code[low:high]
        old = INDEX[before] if isinstance(before, str) else before
        register.first[target], register.code[target] = old, INDEX[after]
        rows.append((target, night, old, INDEX[after]))
        planted.append({"case": name, "enrolment_no": int(owner) + 1, "urn": int(enrolments["urn"].iloc[owner]),
            "session_date": SESSION,
                        "half": 1, "corrected_on": NIGHT, "moves": moves})  # fmt: skip
    extra = pd.DataFrame(rows, columns=["place", "corrected_on", "old_code", "new_code"]).astype(
        {"old_code": np.int8, "new_code": np.int8, "corrected_on": np.int64, "place": np.int64}
    )
    return pd.concat([log, extra], ignore_index=True).sort_values(
        ["place", "corrected_on"], kind="stable", ignore_index=True
    ), planted
