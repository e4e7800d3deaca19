"""The early signal's seeds are whole and agree; its examples are what was known on the evening."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scripts.backtest_early_signal import bands_of, baseline_bands, total_points
from scripts.fit_early_signal import points_of
from simulator import early_signal
from simulator.early_signal import BANDS, EVENINGS, STAGES

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def test_weights_cover_every_value_of_every_feature_once() -> None:
    weights = pd.read_csv(SEEDS / "early_signal_weights.csv")
    assert list(dict.fromkeys(weights["feature"])) == list(BANDS)
    for feature, starts in BANDS.items():
        own = weights[weights["feature"] == feature]
        assert tuple(own["value_from"]) == starts
        assert list(own["value_to"].iloc[:-1] + 1) == list(starts[1:])
        assert own["value_to"].iloc[-1] >= 1000, "a rate of everything has its points"
        assert (own["points"].diff().iloc[1:] >= 0).all(), f"{feature}: more absence must not lower the score"


def test_bands_follow_one_another_and_each_has_its_measured_quality() -> None:
    bands, scores = (pd.read_csv(SEEDS / f"early_signal_{name}.csv") for name in ("bands", "scores"))
    assert list(bands["points_from"].iloc[1:]) == list(bands["points_to"].iloc[:-1] + 1)
    assert list(bands[["band_no", "band"]].itertuples(index=False)) == list(
        scores[["band_no", "band"]].itertuples(index=False)
    )
    for row in scores.itertuples():
        assert row.precision_pct == round(100 * row.became_persistent / row.scored, 1)
    base_rate = round(100 * scores["became_persistent"].sum() / scores["scored"].sum(), 1)
    assert set(scores["base_rate_pct"]) == {base_rate}
    assert scores["precision_pct"].is_monotonic_increasing, "a higher band must mean a higher chance"


def test_both_scripts_give_the_same_points() -> None:
    weights = pd.read_csv(SEEDS / "early_signal_weights.csv")
    points = {
        (feature, number): int(row.points)
        for feature in BANDS
        for number, row in enumerate(weights[weights["feature"] == feature].itertuples())
    }
    values = np.array(
        [[0, -1, -1, 0, 0, 0], [-1, 99, -1, 150, 40, 50], [-1, -1, 59, 1, 9, 24], [-1, -1, 60, 49, 10, 25]]
    )
    assert total_points(values).tolist() == points_of(values, points).tolist()


def test_a_band_begins_at_its_first_point() -> None:
    bands = pd.DataFrame({"points_from": [0, 41, 58]})
    assert bands_of(np.array([0, 40, 41, 57, 58, 99]), bands).tolist() == [1, 1, 2, 2, 3, 3]


def test_the_baseline_fills_the_same_bands_by_rate() -> None:
    rows = pd.DataFrame(
        {"evening": [EVENINGS[0]] * 4, "absent": [1, 4, 3, 3], "possible": [100] * 4, "person_no": [1, 2, 4, 3]}
    )
    assert baseline_bands(rows, np.array([3, 1, 1, 2])).tolist() == [1, 3, 1, 2]


def test_examples_are_as_known_on_the_evening(year_truth: Path) -> None:
    examples = early_signal.load_examples(year_truth)
    rows = examples.rows
    assert len(rows) > 100
    assert (10 * rows["absent"] < rows["possible"]).all(), "no child that is persistent already"
    assert (rows["possible"] >= early_signal.LEAST_POSSIBLE).all()
    assert (rows["ahead"] > 0).all()
    stages = examples.values[:, : len(STAGES)]
    assert ((stages >= 0).sum(axis=1) == 1).all(), "each child has exactly one of the three rates"
    assert not rows.duplicated(["evening", "person_no"]).any()
    growing = rows.pivot(index="person_no", columns="evening", values="possible").dropna()
    assert (growing.diff(axis=1).iloc[:, 1:] >= 0).all().all(), "what is known only grows"
