"""How old a school's figures must be before they hardly move, from the days whose register came on the day itself."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from simulator.oracle.codes import ABSENCES, ATTENDED, AUTHORISED

DEFAULT_DAYS, LEAST_SESSIONS, OLDEST, SETTLED_PER_100000 = 10, 2000, 40, 100
COLUMNS = ["sessions_watched", "changes_watched", "is_own_history", "settled_after_school_days", "settled_until",
           "late_changes_per_100000"]  # fmt: skip


def _class(codes: pd.Series) -> pd.Series:
    """possible, absent and authorised of a code, in one letter; none where there is no code."""
    kinds = [codes.isna(), codes.isin(ATTENDED), codes.isin(AUTHORISED), codes.isin(ABSENCES)]
    return pd.Series(np.select(kinds, ["", "attended", "authorised", "unauthorised"], "not possible"), codes.index)


def settlement(db: duckdb.DuckDBPyConnection, night: str, amended: pd.DataFrame) -> pd.DataFrame:
    """One row per school of the city; `amended` are the amendments of every mark."""
    days = db.execute(
        """select d.urn, d.session_date, max(ordinal) over (partition by d.urn) - ordinal as age,
            coalesce(w.evening is not null, false) as is_watched
        from school_days d left join loads w on w.urn = d.urn and w.evening::date = d.session_date
        where d.session_date <= $night::date""", {"night": night}).df()  # fmt: skip
    db.register("watched", days.loc[days["is_watched"], ["urn", "session_date", "age"]])
    known = db.execute(
        """select w.urn, w.age, count(k.code) as sessions from watched w
        left join (select r.urn, k.session_date, k.code from known k join rolls r using (enrolment_no)) k
            on k.urn = w.urn and k.session_date = w.session_date group by all"""
    ).df()
    own = amended[amended["original_code"].notna()]
    own = own[_class(own["original_code"]) != _class(own["amended_code"])]
    own = own.merge(days.loc[days["is_watched"], ["urn", "session_date"]], on=["urn", "session_date"])
    rows = []
    for urn in db.execute("select urn from schools").df()["urn"]:
        ages, changes = known[known["urn"] == urn], own.loc[own["urn"] == urn, "age_school_days"]
        watched = [int(ages.loc[ages["age"] >= age, "sessions"].sum()) for age in range(OLDEST + 1)]
        changed = [int((changes == age).sum()) for age in range(OLDEST + 1)]
        still = [
            min(changed[age], watched[age]) * 100_000 // watched[age] if watched[age] >= LEAST_SESSIONS else 0
            for age in range(OLDEST + 1)
        ]
        to_come = [sum(still[age:]) for age in range(OLDEST + 1)]
        seen = [age for age in range(OLDEST + 1) if watched[age] >= LEAST_SESSIONS]
        is_own = max(seen, default=0) >= DEFAULT_DAYS
        settled = [age for age in range(OLDEST + 1) if to_come[age] <= SETTLED_PER_100000]
        after = min(settled, default=None) if is_own else DEFAULT_DAYS
        old = days[(days["urn"] == urn) & (days["age"] >= after)]["session_date"] if after is not None else []
        rows.append({"urn": urn, "sessions_watched": watched[0], "changes_watched": sum(changed),
                     "is_own_history": is_own, "settled_after_school_days": after,
                     "settled_until": max(old, default=pd.NaT),
                     "late_changes_per_100000": to_come[1] if is_own else None})  # fmt: skip
    told = pd.DataFrame(rows)
    return told.assign(late_changes_per_100000=told["late_changes_per_100000"].astype(float))
