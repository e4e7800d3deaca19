"""The cookbook's queries, read from its pages, run as an analyst would and compared with an independent computation."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rollcall.settings import PROJECT_ROOT
from simulator.oracle.expected import counted, expected
from tests.cookbook.answers import ANSWERS, Computed, Rows
from tests.story import Story
from tests.tiny_city import HISTORY_UNTIL, NIGHTS, TinyCity

PAGES = PROJECT_ROOT / "docs" / "cookbook"
RECIPE = re.compile(r"^## (\d+)\. (.+?)\n\n```sql\n(.+?)```\n\nRead: .+? Trap: ", re.DOTALL | re.MULTILINE)
IDS = ("person_id", "enrolment_id")


def recipes() -> dict[int, tuple[str, str]]:
    """Number -> question and query, of every page."""
    pages = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md")) if path.name != "README.md"]
    return {int(number): (question, query) for page in pages for number, question, query in RECIPE.findall(page)}


@pytest.fixture(scope="module")
def computed(tiny_city: TinyCity, story: Story) -> Computed:
    night = str(NIGHTS[-1])
    nights = [str(day) for day in NIGHTS]
    with counted(tiny_city.truth, night, nights, str(HISTORY_UNTIL), tiny_city.settings.city_folder) as db:
        schools = db.execute("select urn, name from schools").df()
        marts = {item.mart: item.rows for item in expected(db, night)}
    statuses = story.evenings[NIGHTS[-1]].statuses
    return Computed(marts, schools, {urn: how for urn, how in statuses.items() if how not in ("in", "late")})


@pytest.fixture(scope="module")
def published(story: Story) -> Story:
    """The set of the third night must still be the published one, as it is until the story goes on."""
    return story


def answer(city: TinyCity, query: str) -> Rows:
    """What the query says, as the reader of the marts; surrogate keys left out, as the truth does not know them."""
    with city.as_role("bi_reader") as connection:
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    kept = [place for place, name in enumerate(names) if name not in IDS]
    found = [tuple(_plain(row[place]) for place in kept) for row in rows]
    return found if len(kept) == len(names) else sorted(found)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value() and -value.as_tuple().exponent != 2:  # type: ignore[operator]
        return int(value)
    return value


def test_there_are_twenty_questions_and_the_index_lists_them():
    found = recipes()
    assert sorted(found) == list(range(1, 21))
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\d+) \| (.+?) \|", index, re.MULTILINE))
    assert {int(number): question for number, question in listed.items()} == {
        number: question for number, (question, _) in found.items()
    }


@pytest.mark.parametrize("number", range(1, 21))
def test_the_answer_is_that_of_an_independent_computation(
    tiny_city: TinyCity, published: Story, computed: Computed, number: int
):
    _, query = recipes()[number]
    started = time.monotonic()
    told = answer(tiny_city, query)
    seconds = time.monotonic() - started
    assert told == ANSWERS[number - 1](computed)
    assert told, "a question that nothing answers proves nothing"
    assert seconds < 15, "the reader's own limit"


def test_no_query_averages_a_rate_or_forgets_the_period():
    for number, (_, query) in recipes().items():
        assert not re.search(r"\bavg\(|sum\(\w*\.?\w*rate\)", query), number
        if re.search(r"serve\.(agg_(?:city|phase|school|area|group)_absence|fct_(?:child|enrolment)_absence)", query):
            assert "period_type = '" in query, number


def test_every_query_reads_published_views_only():
    for number, (_, query) in recipes().items():
        assert set(re.findall(r"(?:from|join) (\w+)\.", query)) == {"serve"}, number


def test_pages_are_where_the_index_says():
    links = set(re.findall(r"\]\((\w+\.md)\)", (PAGES / "README.md").read_text(encoding="utf-8")))
    assert links == {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    assert all((PAGES / link).is_file() for link in links)
    assert Path(PAGES).is_dir()
