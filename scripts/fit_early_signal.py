"""Fit the early signal's points: python scripts/fit_early_signal.py TRUTH. Writes two seeds, the same for the same truth.

A logistic regression on banded features with a ridge, by Newton's steps, on the schools kept for training; each weight is
rounded to whole points, of which ten double the odds. The schools kept for scoring are not looked at while fitting.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from simulator.early_signal import BANDS, EVENINGS, STAGES, Examples, load_examples

SEEDS = Path("dbt_project/seeds")
RIDGE, STEPS = 5.0, 25
ODDS_DOUBLE = 10
# Bands of chance, by the training schools: below 5, 5 to 15, 15 to 30, 30 to 50, 50 in 100 and above.
CHANCES = ((0.00, "very low"), (0.05, "low"), (0.15, "some"), (0.30, "raised"), (0.50, "likely"))


def is_for_scoring(urn: np.ndarray) -> np.ndarray:
    """Every third school by its number is kept for scoring."""
    return urn % 3 == 0


def one_hot(values: np.ndarray) -> tuple[np.ndarray, list[tuple[str, int]]]:
    """A column of ones, and one column per band except those that the others are compared with; and the columns' names."""
    columns, names = [np.ones(len(values))], []
    for place, (feature, starts) in enumerate(BANDS.items()):
        band = np.searchsorted(starts, values[:, place], side="right") - 1
        first = 0 if feature in list(STAGES)[1:] else 1
        for number in range(first, len(starts)):
            columns.append((band == number).astype(float))
            names.append((feature, number))
    return np.column_stack(columns), names


def fit(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Weights of the logistic regression; the constant is not shrunk."""
    weights = np.zeros(design.shape[1])
    shrink = np.full(design.shape[1], RIDGE)
    shrink[0] = 0.0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(design @ weights)))
        slope = design.T @ (outcome - chance) - shrink * weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(shrink)
        weights += np.linalg.solve(curve, slope)
    return weights


def points_of(values: np.ndarray, points: dict[tuple[str, int], int]) -> np.ndarray:
    """Sum of the points of every example."""
    total = np.zeros(len(values), dtype=np.int64)
    for place, (feature, starts) in enumerate(BANDS.items()):
        # a value of -1 falls before the first band: the last place, which gives nothing
        of_band = np.array([*(points[feature, number] for number in range(len(starts))), 0])
        total += of_band[np.searchsorted(starts, values[:, place], side="right") - 1]
    return total


def fit_points(examples: Examples) -> tuple[dict[tuple[str, int], int], list[tuple[str, int]]]:
    """Points per feature and band, none below zero, and each chance band's name with its least points."""
    train = ~is_for_scoring(examples.rows["urn"].to_numpy())
    design, names = one_hot(examples.values[train])
    weights = fit(design, examples.outcome[train].astype(float))
    points = {(feature, number): 0 for feature, starts in BANDS.items() for number in range(len(starts))}
    points |= {name: round(ODDS_DOUBLE * weight / np.log(2)) for name, weight in zip(names, weights[1:], strict=True)}
    # the lowest band of a feature gives nothing; the three rates are one feature in this
    for together in (list(STAGES), *([feature] for feature in BANDS if feature not in STAGES)):
        least = min(points[feature, number] for feature in together for number in range(len(BANDS[feature])))
        for feature in together:
            for number in range(len(BANDS[feature])):
                points[feature, number] -= least
    total = points_of(examples.values[train], points)
    slope = fit(np.column_stack([np.ones(len(total)), total / ODDS_DOUBLE]), examples.outcome[train].astype(float))
    cuts = [(CHANCES[0][1], 0)]
    for chance, name in CHANCES[1:]:
        cut = ODDS_DOUBLE * (np.log(chance / (1 - chance)) - slope[0]) / slope[1]
        cuts.append((name, int(np.ceil(cut))))
    return points, cuts


def main() -> None:
    """Fit on the truth whose folder is the first argument, and write the seeds."""
    examples = load_examples(Path(sys.argv[1]))
    points, cuts = fit_points(examples)
    note = f"fitted on two thirds of the synthetic city's schools, {len(EVENINGS)} evenings of 2025/26"
    with (SEEDS / "early_signal_weights.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", "value_from", "value_to", "points", "source"])
        for feature, starts in BANDS.items():
            ends = [start - 1 for start in starts[1:]] + [99999]
            for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
                writer.writerow([feature, start, end, points[feature, number], note])
    with (SEEDS / "early_signal_bands.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["band_no", "band", "points_from", "points_to", "source"])
        ends = [start - 1 for _, start in cuts[1:]] + [99999]
        for number, ((name, start), end) in enumerate(zip(cuts, ends, strict=True)):
            writer.writerow([number + 1, name, start, end, note])
    train = ~is_for_scoring(examples.rows["urn"].to_numpy())
    print(f"{int(train.sum())} examples for fitting, {int((~train).sum())} kept for scoring; wrote both seeds")


if __name__ == "__main__":
    main()
