"""A built table has its statistics from the build, and autovacuum does not take them again behind the night's back."""

from __future__ import annotations

from tests.story import Story
from tests.tiny_city import TinyCity

TABLES = """
select nspname || '.' || pg_class.relname, coalesce(reloptions, '{}'), relpersistence, last_analyze is not null
from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
inner join pg_stat_all_tables on relid = pg_class.oid
where relkind = 'r' and nspname = any(%s) order by 1
"""
KEPT = ["intermediate.int_enrolment_weeks", "intermediate.int_exceptional_sessions", "intermediate.int_pattern_weeks"]


def test_a_table_of_the_night_is_measured_by_the_build_alone(tiny_city: TinyCity, story: Story):
    tables = tiny_city.rows(TABLES, [["intermediate"]])
    assert len(tables) > 40
    assert all(measured and kind == "u" for _, _, kind, measured in tables)
    # what is kept from night to night, and changed in place, is vacuumed as ever
    assert [name for name, options, _, _ in tables if "autovacuum_enabled=false" not in options] == KEPT


def test_a_published_table_is_still_vacuumed(tiny_city: TinyCity, story: Story):
    tables = tiny_city.rows(TABLES, [["marts", "reports"]])
    assert len(tables) > 50
    assert {tuple(options) for _, options, _, _ in tables} == {("autovacuum_analyze_threshold=2147483647",)}
    assert all(measured for *_, measured in tables)
