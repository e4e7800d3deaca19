"""The published questions about missing education beside the simulator's true answer."""

from __future__ import annotations

import pandas as pd

from simulator.score import candidates, persons, score, table, truly_missing
from tests.story import Story
from tests.tiny_city import NIGHTS, TinyCity


def test_the_questions_find_the_children_of_the_truth(tiny_city: TinyCity, story: Story):
    """The floor under the main rules; who moved away is a question by design, so all together stay at half."""
    assert story.evenings
    missing, numbers = truly_missing(tiny_city.truth, NIGHTS[-1]), persons(tiny_city.admin_dsn, tiny_city.truth)
    scores, found = score(candidates(tiny_city.admin_dsn), missing, numbers)
    of = {one.rule: one for one in scores}
    print(table(scores, found))
    for rule, floor in {"off_roll_everywhere": 0.9, "ehe_unsuitable": 0.9, "any rule": 0.5}.items():
        precision, recall = of[rule].precision, of[rule].recall(found[rule])
        assert of[rule].truly > 0, rule
        assert precision is not None and precision >= floor, rule
        assert recall is not None and recall >= 0.8, rule


def test_a_score_can_fall():
    """A rule that names one right and one wrong child, and misses one, has half of each."""
    named = pd.DataFrame({"person_id": [1, 2], "rule_name": ["ehe_unsuitable"] * 2})
    missing = pd.DataFrame({"person_no": [11, 13], "why": ["unsuitable home education"] * 2})
    scores, found = score(named, missing, {1: 11, 2: 12})
    one = next(one for one in scores if one.rule == "ehe_unsuitable")
    assert (one.precision, one.recall(found["ehe_unsuitable"])) == (0.5, 0.5)
