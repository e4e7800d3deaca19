"""Score the early signal on the schools that it was not fitted on: python scripts/backtest_early_signal.py TRUTH [--write].

Prints quality by band and by evening beside the baseline "rank children by their rate so far", and by group; `--write`
stores the bands' quality in the seed that the mart shows beside every score.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.early_signal import BANDS, EVENINGS, GROUPS, Examples, load_examples

SEEDS = Path("dbt_project/seeds")
FLAGGED_FROM = "raised"


def for_scoring(examples: Examples) -> Examples:
    """The examples of every third school, as the fit leaves them out."""
    kept = examples.rows["urn"].to_numpy() % 3 == 0
    return Examples(examples.rows[kept].reset_index(drop=True), examples.values[kept], examples.outcome[kept])


def total_points(values: np.ndarray) -> np.ndarray:
    """Points as the seed prints them, looked up by value."""
    weights = pd.read_csv(SEEDS / "early_signal_weights.csv")
    total = np.zeros(len(values), dtype=np.int64)
    for place, feature in enumerate(BANDS):
        for row in weights[weights["feature"] == feature].itertuples():
            inside = (values[:, place] >= row.value_from) & (values[:, place] <= row.value_to)
            total += np.where(inside, row.points, 0)
    return total


def bands_of(points: np.ndarray, bands: pd.DataFrame) -> np.ndarray:
    """Number of the band of each total, from 1."""
    return np.searchsorted(bands["points_from"].to_numpy(), points, side="right")


def area_under_curve(score: np.ndarray, outcome: np.ndarray) -> float:
    """Chance that a child who became persistent was ranked above one who did not; ties count half."""
    ranks = pd.Series(score).rank().to_numpy()
    positive = int(outcome.sum())
    return float((ranks[outcome].sum() - positive * (positive + 1) / 2) / (positive * (len(outcome) - positive)))


def baseline_bands(rows: pd.DataFrame, band: np.ndarray) -> np.ndarray:
    """Bands of the same sizes on each evening, filled by rate so far from the highest; ties by child number."""
    result = np.zeros(len(rows), dtype=np.int64)
    rate = rows["absent"] / rows["possible"]
    for evening in EVENINGS:
        places = np.flatnonzero((rows["evening"] == evening).to_numpy())
        order = places[np.lexsort((rows["person_no"].to_numpy()[places], -rate.to_numpy()[places]))]
        result[order] = np.sort(band[places])[::-1]
    return result


def per_cent(part: float, whole: float) -> float:
    """Share in a hundred to one decimal place; 0 where there is no whole."""
    return round(100 * part / whole, 1) if whole else 0.0


def main() -> None:
    """Print the tables for the truth whose folder is the first argument."""
    examples = for_scoring(load_examples(Path(sys.argv[1])))
    bands = pd.read_csv(SEEDS / "early_signal_bands.csv")
    points, outcome, rows = total_points(examples.values), examples.outcome, examples.rows
    band = bands_of(points, bands)
    baseline = baseline_bands(rows, band)
    rate = (rows["absent"] / rows["possible"]).to_numpy()
    print(f"{len(rows)} children and evenings at schools not fitted on; {int(outcome.sum())} became persistent")
    signal, by_rate_alone = area_under_curve(points.astype(float), outcome), area_under_curve(rate, outcome)
    print(f"base rate {per_cent(outcome.sum(), len(rows))} per cent; area under the curve: signal {signal:.4f}, "
          f"rate so far {by_rate_alone:.4f}")  # fmt: skip
    lines = []
    for row in bands.itertuples():
        here, there = band == row.band_no, baseline == row.band_no
        lines.append([
            row.band_no, row.band, int(here.sum()), int(outcome[here].sum()), per_cent(outcome[here].sum(), here.sum()),
            per_cent(outcome[there].sum(), there.sum()), per_cent(outcome.sum(), len(rows)),
            per_cent(outcome[here].sum(), outcome.sum()),
        ])  # fmt: skip
    header = ["band_no", "band", "scored", "became_persistent", "precision_pct", "baseline_precision_pct",
              "base_rate_pct", "share_of_persistent_pct"]  # fmt: skip
    print(pd.DataFrame(lines, columns=header).to_string(index=False))
    flagged_from = int(bands.loc[bands["band"] == FLAGGED_FROM, "band_no"].iloc[0])
    flagged, by_rate = band >= flagged_from, baseline >= flagged_from
    for evening in EVENINGS:
        at = (rows["evening"] == evening).to_numpy()
        print(f"{evening}: {FLAGGED_FROM} or more: {int((flagged & at).sum())} flagged; precision "
              f"{per_cent(outcome[flagged & at].sum(), (flagged & at).sum())} (rate so far "
              f"{per_cent(outcome[by_rate & at].sum(), (by_rate & at).sum())}), recall "
              f"{per_cent(outcome[flagged & at].sum(), outcome[at].sum())} (rate so far "
              f"{per_cent(outcome[by_rate & at].sum(), outcome[at].sum())})")  # fmt: skip
    print(groups_table(rows, flagged, outcome).to_string(index=False))
    if "--write" in sys.argv:
        source = f"back-test on a third of the synthetic city's schools, {len(EVENINGS)} evenings of 2025/26"
        with (SEEDS / "early_signal_scores.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, "source"])
            writer.writerows([*line, source] for line in lines)


def groups_table(rows: pd.DataFrame, flagged: np.ndarray, outcome: np.ndarray) -> pd.DataFrame:
    """Per group: how many, how many flagged, precision, recall, and how many of those who stayed out were flagged."""
    lines = []
    for group in GROUPS:
        for value in sorted(rows[group].astype(str).unique()):
            own = (rows[group].astype(str) == value).to_numpy()
            hit, stayed_out = flagged & own & outcome, own & ~outcome
            lines.append([
                group, value, int(own.sum()), per_cent(outcome[own].sum(), own.sum()),
                per_cent((flagged & own).sum(), own.sum()), per_cent(hit.sum(), (flagged & own).sum()),
                per_cent(hit.sum(), (outcome & own).sum()), per_cent((flagged & stayed_out).sum(), stayed_out.sum()),
            ])  # fmt: skip
    columns = ["group", "value", "scored", "base_rate", "flagged", "precision", "recall", "false_alarms"]
    return pd.DataFrame(lines, columns=columns)


if __name__ == "__main__":
    main()
