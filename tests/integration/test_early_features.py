"""What the early signal is scored on is what it was fitted on: the warehouse's features beside the simulator's own."""

from __future__ import annotations

import pandas as pd
import pytest

from simulator.early_signal import BANDS, STAGES, feature_of, scored, totals
from simulator.oracle.delivered import declared_days
from simulator.score import persons
from tests.story import Story
from tests.tiny_city import HISTORY_UNTIL, TinyCity

# column of int_early_features -> column of the simulator's totals
SUMS = {
    "sessions_possible": "possible", "sessions_absent": "absent", "sessions_unauthorised": "unauthorised",
    "weeks": "weeks", "absent_weeks": "absent_weeks", "recent_possible": "recent_possible",
    "recent_absent": "recent_absent", "sessions_ahead": "ahead",
}  # fmt: skip
FEATURES = {"recent_rate": "recent_rate", "absent_weeks_share": "absent_weeks",
            "unauthorised_share": "unauthorised_share"}  # fmt: skip


@pytest.fixture(scope="module")
def both(tiny_city: TinyCity, story: Story) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The warehouse's rows and the simulator's, on the evening of the history, by child."""
    days = declared_days(tiny_city.truth.schools, tiny_city.settings.city_folder)
    own = scored(totals(tiny_city.truth.folder, str(HISTORY_UNTIL), days))
    numbers = persons(tiny_city.admin_dsn, tiny_city.truth)
    found = story.early_features.assign(person_no=story.early_features["person_id"].map(numbers))
    return found.set_index("person_no").sort_index(), own.set_index("person_no").sort_index()


def test_the_same_children_are_scored(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found, own = both
    assert len(own) > 300
    assert found.index.tolist() == own.index.tolist()


@pytest.mark.parametrize(("column", "total"), SUMS.items())
def test_every_sum_is_the_same(both: tuple[pd.DataFrame, pd.DataFrame], column: str, total: str) -> None:
    found, own = both
    differing = found.index[found[column].to_numpy() != own[total].to_numpy()]
    assert differing.tolist() == []


@pytest.mark.parametrize(("column", "feature"), FEATURES.items())
def test_every_feature_is_the_same(both: tuple[pd.DataFrame, pd.DataFrame], column: str, feature: str) -> None:
    found, own = both
    assert feature in BANDS
    assert found[column].tolist() == feature_of(own, feature).tolist()


def test_the_rate_so_far_stands_in_the_stage_of_the_year_ahead(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found, own = both
    for feature, (least, most) in STAGES.items():
        is_stage = found["share_ahead"].between(least, most)
        assert found["rate_so_far"].where(is_stage, -1).tolist() == feature_of(own, feature).tolist()
