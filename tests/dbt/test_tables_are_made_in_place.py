"""Our own materializations: a table or view is made in one transaction, a seed is loaded only where it is another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from rollcall.model import dbt
from tests.story import Story
from tests.tiny_city import TinyCity, night_of

SUFFIX: Final = "_trial"
MADE: Final = """
    {{ config(indexes=[{'columns': ['number'], 'unique': true}]) }}
    select 1 / %s as number, 'made' as word
"""


@dataclass(frozen=True)
class Trial:
    """A copy of the project with a seed, a table and a view of its own, built aside in the tiny city."""

    place: TinyCity
    project: Path

    def write(self, name: str, text: str) -> None:
        """Write a file of the copied project."""
        (self.project / name).write_text(text, encoding="utf-8")

    def run(self, *command: str) -> dict[str, Any]:
        """Run a dbt command on the copied project; returns the status by node."""
        night = night_of(date(2026, 7, 10))
        done = dbt.run_dbt(self.place.settings, self.place.city, night, list(command), schema_suffix=SUFFIX)
        return {item["unique_id"].split(".")[2]: item["status"] for item in done["results"]}


@pytest.fixture
def trial(tiny_city: TinyCity, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    project = tmp_path / "project"
    shutil.copytree(dbt.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt, "PROJECT", project)
    yield Trial(tiny_city, project)
    tiny_city.change("drop table if exists reference.trial_words")
    for schema in ("intermediate", "staging"):
        tiny_city.change(f"drop schema if exists {schema}{SUFFIX} cascade")
    shutil.rmtree(tiny_city.settings.home / f"dbt{SUFFIX}")


def words(trial: Trial) -> list[tuple[Any, ...]]:
    return trial.place.rows("select * from reference.trial_words order by 1")


def test_a_seed_is_loaded_once_and_again_only_where_its_file_is_another_one(trial: Trial):
    trial.write("seeds/trial_words.csv", "code,name\na,first\n")
    trial.run("seed", "--select", "trial_words")
    assert words(trial) == [("a", "first")]
    trial.place.change("update reference.trial_words set name = 'as it was'")
    trial.run("seed", "--select", "trial_words")
    assert words(trial) == [("a", "as it was")]
    # another list of columns is another table, and no error
    trial.write("seeds/trial_words.csv", "code,name,rank\na,first,1\nb,second,2\n")
    trial.run("seed", "--select", "trial_words")
    assert words(trial) == [("a", "first", 1), ("b", "second", 2)]
    trial.place.change("update reference.trial_words set name = 'as it was'")
    trial.run("seed", "--select", "trial_words", "--full-refresh")
    assert words(trial) == [("a", "first", 1), ("b", "second", 2)]


def test_a_table_is_replaced_with_its_index_and_one_that_fails_leaves_the_old_one(trial: Trial):
    trial.write("models/intermediate/int_trial.sql", MADE % "1")
    for _ in range(2):
        assert trial.run("run", "--select", "int_trial") == {"int_trial": "success"}
    table = f"intermediate{SUFFIX}.int_trial"
    assert trial.place.rows(f"select * from {table}") == [(1, "made")]
    indexes = "select count(*) from pg_index where indrelid = %s::regclass and indisunique"
    assert trial.place.value(indexes, [table]) == 1
    trial.write("models/intermediate/int_trial.sql", MADE % "(select 0)")
    assert trial.run("run", "--select", "int_trial") == {"int_trial": "error"}
    assert trial.place.rows(f"select * from {table}") == [(1, "made")]
    assert trial.place.value(indexes, [table]) == 1


def test_a_table_becomes_a_view_and_a_table_again(trial: Trial):
    kinds = []
    for kind in ("table", "view", "view", "table"):
        trial.write(
            "models/intermediate/int_trial.sql",
            f"{{{{ config(materialized='{kind}', post_hook=[]) }}}} select 1 as number",
        )
        assert trial.run("run", "--select", "int_trial") == {"int_trial": "success"}
        kinds.append(trial.place.value("select relkind from pg_class where relname = 'int_trial'"))
    assert kinds == ["r", "v", "v", "r"]


def test_nothing_of_a_build_stays_beside_its_tables(tiny_city: TinyCity, story: Story):
    assert tiny_city.rows("select relname from pg_class where relname like '%\\_\\_dbt\\_%'") == []
