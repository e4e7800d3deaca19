"""How much each enrolment is absent: a rate per enrolment whose distribution meets the published overall,
persistent and severe shares.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

# Phase: overall absence, share of enrolments persistent, share severe, mean rate of the persistent but not severe.
# Primary, secondary, special: Derby 2025/26 to 10 July 2026 (DfE), severe from LAIT 2024/25. The other three are
# assumptions.
TARGETS = {
    "primary": (0.0570959, 0.16702, 0.0104, 0.150),
    "secondary": (0.0893156, 0.26285, 0.0348, 0.175),
    "special": (0.1511180, 0.42664, 0.0837, 0.180),
    "nursery": (0.080, 0.24, 0.010, 0.160),
    "ap": (0.330, 0.72, 0.220, 0.240),
    "independent": (0.040, 0.08, 0.004, 0.140),
}


def absence_rates(
    enrolments: pd.DataFrame, people: pd.DataFrame, size: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Share of its possible sessions (`size`) that each enrolment misses; no-show starters miss all.

    Rates are handed out by rank of a risk score (free meals, plans, social care, age, school), so that groups
    differ as in life while
    each phase's distribution stays exact, in DfE's cohort (ages 5 to 15) and outside it.
    """
    child = people.set_index("person_no").loc[enrolments["person_no"]]
    urns, school = np.unique(enrolments["urn"], return_inverse=True)
    risk = rng.normal(0, 1.0, len(enrolments)) + rng.normal(0, 0.35, len(urns))[school]
    risk += (
        0.65 * child["fsm"].to_numpy()
        + 0.35 * (child["sen"] == "K").to_numpy()
        + 0.45 * (child["sen"] == "E").to_numpy()
    )
    risk += 0.5 * child["cin"].to_numpy() + 0.4 * child["cp"].to_numpy() + 0.05 * enrolments["year_no"].to_numpy()
    risk += np.where(np.isin(child["ethnicity"], ["WROM", "WIRT"]), 0.9, 0.0)
    no_show = (enrolments["story"] == "no_show").to_numpy()
    risk[no_show] = np.inf
    rate = np.zeros(len(enrolments))
    phases = enrolments["phase"].to_numpy()
    in_statistics = enrolments["year_no"].between(3, 13).to_numpy()
    for (phase, target), cohort in itertools.product(TARGETS.items(), (True, False)):
        rows = np.flatnonzero((phases == phase) & (size > 0) & (in_statistics == cohort))
        if len(rows):
            ranked = rows[np.argsort(risk[rows], kind="stable")]
            rate[ranked] = _distribution(len(rows), size[ranked].astype(float), target, rng)
    rate[no_show] = 1.0
    return rate


def _distribution(
    count: int, size: np.ndarray, target: tuple[float, float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Ascending rates: most below a tenth, the persistent from a tenth to a half, the severe above.

    The lowest part is bent so that the pooled rate is `overall`.
    """
    overall, persistent, severe, middle = target
    n_severe, n_persistent = round(severe * count), round(persistent * count)
    n_middle = n_persistent - n_severe
    scale = (middle - 0.1) / 0.4
    rates = np.empty(count)
    rates[count - n_severe :] = np.sort(0.5 + 0.5 * rng.beta(1.0, 1.6, n_severe))
    rates[count - n_persistent : count - n_severe] = np.sort(
        0.1 + 0.4 * rng.beta(0.8, 0.8 * (1 - scale) / scale, n_middle)
    )
    low = np.sort(rng.beta(1.3, 2.2, count - n_persistent)) * 0.098
    head = size[: len(low)]
    wanted = overall * size.sum() - (rates[len(low) :] * size[len(low) :]).sum()
    rates[: len(low)] = _raise_to(low, head, wanted)
    return rates


def _raise_to(low: np.ndarray, size: np.ndarray, wanted: float) -> np.ndarray:
    """Bend rates below 0.098 by a power so that they sum to `wanted` sessions, keeping their order and bound."""
    shape = low / 0.098
    smallest, largest = 0.05, 8.0
    for _ in range(40):
        power = (smallest + largest) / 2
        if (0.098 * shape**power * size).sum() > wanted:
            smallest = power
        else:
            largest = power
    return 0.098 * shape**power
