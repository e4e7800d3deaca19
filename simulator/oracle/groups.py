"""Groups of children and areas of schools."""

from __future__ import annotations

import pandas as pd

COHORT_PHASES = ("primary", "secondary", "special")


def age_on_31_august(date_of_birth: pd.Series, year: int) -> pd.Series:
    """Whole years of age on 31 August of `year`."""
    born = pd.to_datetime(date_of_birth)
    return year - born.dt.year - (born.dt.month > 8)


def cohort(rolls: pd.DataFrame, year: int) -> pd.Series:
    """Whether DfE's statistics count an enrolment: aged 5 to 15, no boarder, state-funded primary, secondary, special."""
    age = age_on_31_august(rolls["date_of_birth"], year)
    return age.between(5, 15) & ~rolls["is_boarder"].astype(bool) & rolls["phase"].isin(COHORT_PHASES)
