"""Which code each spell and each attended session carries, by shares of possible sessions for each phase."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simulator.truth.spells import Spells

CODES = ["", "/", "\\", "L", "I", "M", "R", "S", "T", "E", "C", "C1", "J1", "C2", "B", "P", "V", "W", "K", "G",
"U", "O", "N", "D", "X",
         "Q", "Y1", "Y4", "Y7", "#"]  # fmt: skip
INDEX = {code: place for place, code in enumerate(CODES)}
ABSENCE_ORDER = ("R", "S", "E", "C2", "G", "C1", "J1", "T", "U", "M", "C", "N", "O")
SAME_AS = {"nursery": "primary", "ap": "secondary", "independent": "primary"}


def published_shares() -> dict[str, dict[str, float]]:
    """Phase -> code -> share of possible sessions: Derby, 2025/26 to 10 July 2026 (DfE); other phases borrow their
    neighbour's mix.
    """
    shares: dict[str, dict[str, float]] = {}
    path = Path(__file__).parent.parent / "data" / "derby_published.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["measure"].startswith("code "):
                shares.setdefault(row["phase"], {})[row["measure"][5:]] = float(row["value_pct"]) / 100
    return shares | {phase: shares[other] for phase, other in SAME_AS.items()}


def code_spells(
    spells: Spells, phase_of: np.ndarray, facts: dict[str, np.ndarray], size: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A code index for each spell. Each code takes the spells that suit it best until its share of the phase's
    sessions is reached.
    """
    code = np.full(len(spells.owner), INDEX["I"], dtype=np.int8)
    forced = facts["no_show"][spells.owner]
    code[forced] = INDEX["O"]
    for phase, share in published_shares().items():
        mine = phase_of[spells.owner] == phase
        left = np.flatnonzero(mine & ~forced)
        possible = size[phase_of == phase].sum()
        already = spells.length[mine & forced].sum()
        absent = spells.length[mine].sum()
        published = sum(share.get(name, 0.0) for name in (*ABSENCE_ORDER, "I"))
        for name in ABSENCE_ORDER:
            wanted = (
                share.get(name, 0.0) * (absent / possible / published if published and possible else 0.0) * possible
            )
            wanted -= already if name == "O" else 0
            score = _affinity(name, spells, left, facts) + rng.gumbel(size=len(left))
            order = _falling(score)
            taken = np.cumsum(spells.length[left[order]]) <= wanted
            code[left[order[taken]]] = INDEX[name]
            left = left[order[~taken]]
    return code


def _falling(score: np.ndarray) -> np.ndarray:
    """Places from the highest score to the lowest, equal ones as they come: the quick sort's, unless two are equal."""
    order = np.argsort(-score)
    ranked = score[order]
    return np.argsort(-score, kind="stable") if (ranked[1:] == ranked[:-1]).any() else order


def _affinity(name: str, spells: Spells, left: np.ndarray, facts: dict[str, np.ndarray]) -> np.ndarray:
    length, level, owner = spells.length[left], spells.level[left], spells.owner[left]
    year = facts["year_no"][owner]
    single = 4.0 * (length == 1) - 3.0 * (length > 2)
    scores = {
        "R": 6.0 * facts["near_festival"][left] + 2.0 * facts["observes"][owner] - 2.0 * (length > 4),
        "S": 6.0 * np.isin(year, [13, 15]) * facts["late_spring"][left] - 9.0 * (year < 13),
        "E": 1.5 * (level > 0) + 1.0 * ((length >= 2) & (length <= 10)) - 3.0 * (length > 10),
        "C2": 1.5 * level + 0.8 * (length <= 4),
        "G": 2.5 * ((length >= 6) & (length <= 20)) - 2.0 * (length < 4) - 1.0 * (level == 2),
        "U": single,
        "M": single,
        "J1": single + 2.0 * (year >= 12),
        "O": 0.9 * level - 0.3 * (length > 20),
    }
    return np.asarray(scores.get(name, np.zeros(len(left))))
