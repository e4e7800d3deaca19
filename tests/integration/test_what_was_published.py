"""What each publication leaves behind: its digests, why it moved, each child's band; and any of them rebuilt as known."""

from __future__ import annotations

from datetime import date

import pytest

from rollcall import nightly
from tests.aftermath import Aftermath
from tests.story import Story
from tests.tiny_city import EMPTY, HISTORY_UNTIL, NIGHTS, TinyCity

CAUSES = {
    "new sessions", "earlier night", "roll change", "late school", "late mark", "withdrawn mark", "correction",
}  # fmt: skip


@pytest.fixture(scope="module")
def city(tiny_city: TinyCity, story: Story, aftermath: Aftermath) -> TinyCity:
    """The city after its three nights and all that followed them."""
    assert story.evenings
    assert aftermath.rebuilt
    return tiny_city


@pytest.mark.parametrize("night", [HISTORY_UNTIL, *NIGHTS])
def test_the_published_set_of_a_past_night_is_rebuilt_equal_to_the_byte(city: TinyCity, night: date):
    found = nightly.compare_with_published(night)
    assert found.marts > 20
    assert (found.different, found.inputs_changed) == ((), ())


def test_a_comparison_can_fail(city: TinyCity):
    """A digest that was not the published one is named."""
    (publication,) = city.rows("select max(publication_id) from ops.publication where night = %s", [NIGHTS[0]])
    change = "update ops.published_mart set digest = digest + %s where publication_id = %s and relation = %s"
    relation = "marts.fct_child_absence"
    city.change(change, [1, publication[0], relation])
    try:
        assert nightly.compare_with_published(NIGHTS[0]).different == (relation,)
    finally:
        city.change(change, [-1, publication[0], relation])


def test_a_digest_is_what_it_always_was(city: TinyCity):
    """Digests of past publications are compared with new ones: their definition stays, table by table, row by row."""
    kept = city.rows(
        "select relation, digest from ops.published_mart inner join ops.publication using (publication_id)"
        " where is_current and relation ~ '^(marts|reports)[.]'"
    )
    query = "select coalesce(sum(hashtextextended(mart::text, 0)::numeric), 0) from {} as mart"
    assert len(kept) > 20
    assert [relation for relation, digest in kept if city.value(query.format(relation)) != digest] == []


def test_the_causes_of_a_movement_add_up_to_it(city: TinyCity):
    """Each school's figure less the one before is the sum of its causes, for every publication and measure."""
    rows = city.rows(
        """
        with figures as (
            select publication_id, urn, measure, value,
                lag(value) over (partition by urn, measure order by publication_id) as value_before,
                lag(publication_id) over (partition by urn, measure order by publication_id) as publication_before
            from ops.published_figure
        ),
        moved as (
            select publication_id, urn, measure, sum(change) as change from ops.restatement group by 1, 2, 3
        )
        select publication_id, urn, measure, value - value_before, coalesce(change, 0)
        from figures left join moved using (publication_id, urn, measure)
        where publication_before is not null and measure like 'sessions_%%'
            and measure not in ('sessions_expected', 'sessions_known')
        """
    )
    assert len(rows) > 100
    assert any(movement for *_, movement, _ in rows)
    assert [row for row in rows if row[3] != row[4]] == []


def test_every_cause_has_a_name_and_none_is_left_over(city: TinyCity):
    found = {cause for (cause,) in city.rows("select distinct cause from serve.fct_restatement")}
    assert found <= CAUSES
    assert {"new sessions", "correction"} <= found


def test_a_school_that_was_not_in_is_the_cause_when_it_comes(city: TinyCity):
    """The register of a school that was held counts a night later, and the causes say that it came late."""
    rows = city.rows(
        "select night, sum(change) from serve.fct_restatement"
        " where urn = %s and cause = 'late school' and measure = 'sessions_possible' group by 1",
        [EMPTY],
    )
    assert rows
    assert all(change > 0 for _, change in rows)


def test_the_bands_of_children_move_only_where_they_changed(city: TinyCity):
    now = dict(city.rows("select person_id, absence_band from serve.fct_child_absence where period_type = 'year'"))
    kept = dict(city.rows("select person_id, absence_band from serve.fct_published_bands where to_night is null"))
    assert kept == now
    first = city.value("select count(*) from serve.fct_published_bands where from_night = %s", [HISTORY_UNTIL])
    later = city.value("select count(*) from serve.fct_published_bands where from_night > %s", [HISTORY_UNTIL])
    assert first > 700
    assert 0 < later < first / 4
