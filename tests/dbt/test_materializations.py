"""Our own table, view and seed mean what dbt's own mean: a small project, built four times in a warehouse of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from rollcall.model.dbt import PROJECT
from rollcall.runtime.installation import admin_dsn
from tests.registers import Register

FILES: Final = {
    "dbt_project.yml": """
name: small
version: "1.0.0"
profile: rollcall
vars: {schema_suffix: ""}
models: {small: {+schema: small}}
seeds: {small: {+schema: small, +quote_columns: false}}
""",
    "seeds/kept.csv": "code,amount\na,1\nb,2\n",
    "seeds/edited.csv": "code,amount\na,1\n",
    "seeds/touched.csv": "code,amount\na,1\n",
    "models/looks.sql": "select code, amount from {{ ref('kept') }}",
    "models/looks_on.sql": "select code from {{ ref('looks') }}",
    "models/built.sql": "{{ config(sql_header='set local work_mem = 5120;') }} select code, amount from {{ ref('kept') }}",
    "models/reads_built.sql": "select * from {{ ref('built') }}",
    "models/gaps.sql": "select * from (values (1, null::integer), (2, 2)) as rows (a, b)",
    "models/twice.sql": "select * from (values (1, null::integer), (1, null)) as rows (a, b)",
    "models/models.yml": """
models:
  - name: built
    description: One row per code.
    config:
      materialized: table
      unlogged: true
      contract: {enforced: true}
      persist_docs: {relation: true}
      grants: {select: [rollcall_publisher]}
      indexes: [{columns: [code], unique: true}]
      pre_hook: "create table if not exists {{ target.schema }}.steps (step text)"
      post_hook:
        - "insert into {{ target.schema }}.steps select 'inside ' || count(*) from {{ this }}"
        - {sql: "insert into {{ target.schema }}.steps values ('after')", transaction: false}
    columns:
      - {name: amount, data_type: integer}
      - {name: code, data_type: text}
  - name: looks
    config: {materialized: view, grants: {select: [rollcall_publisher]}}
  - {name: looks_on, config: {materialized: view}}
  - {name: reads_built, config: {materialized: view}}
  - name: gaps
    config: {materialized: table, indexes: [{columns: [a, b], unique: true}]}
    data_tests: [{unique_combination: {arguments: {columns: [a, b]}}}]
  - name: twice
    config: {materialized: table, indexes: [{columns: [a, b], unique: true}]}
    data_tests: [{unique_combination: {arguments: {columns: [b, a]}}}]
seeds:
  - {name: kept, config: {column_types: {code: text, amount: integer}}}
  - {name: edited, config: {column_types: {code: text, amount: integer}}}
  - {name: touched, config: {column_types: {code: text, amount: integer}}}
""",
}
SEEDS: Final = ("kept", "edited", "touched")
RELATIONS: Final = """
select relname, pg_class.oid::integer, relpersistence, relacl::text, obj_description(pg_class.oid, 'pg_class')
from pg_class where relnamespace = 'small'::regnamespace and relkind in ('r', 'v')
"""


@dataclass
class Built:
    """What one build said of each node, and what stands in the schema after it."""

    said: dict[str, tuple[str, str]]
    relations: dict[str, tuple[Any, ...]]
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)


@dataclass
class Small:
    """The small project, and the warehouse that it is built in."""

    folder: Path
    register: Register

    def write(self, name: str, text: str) -> None:
        """Write one file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection as the administrator."""
        settings = self.register.settings
        with psycopg.connect(admin_dsn(settings, settings.warehouse_database)) as connection:
            yield connection

    def build(self, *options: str) -> Built:
        """Build everything; look at everything."""
        settings = self.register.settings
        target = self.folder / "target"
        command = [sys.executable, "-m", "dbt.cli.main", "build", "--project-dir", str(self.folder), *options]
        command += ["--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(target)]
        environment = {
            **os.environ, "ROLLCALL_PG_PORT": str(settings.warehouse_port), "ROLLCALL_PG_HOST": "127.0.0.1",
            "ROLLCALL_PG_DATABASE": settings.warehouse_database, "DO_NOT_TRACK": "1",
            "DBT_ENV_SECRET_PG_PASSWORD": settings.secret("pg_transform"),
        }  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stdout[-3000:]
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        said = {item["unique_id"].split(".")[2]: (item["status"], str(item["message"])) for item in results}
        with self.database() as database:
            relations = {name: tuple(facts) for name, *facts in database.execute(RELATIONS).fetchall()}
            built = Built(said, relations)
            for name in relations:
                built.rows[name] = sorted(database.execute(f"select * from small.{name}").fetchall(), key=repr)
        return built


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, empty_register: Register) -> Iterator[Small]:
    project = Small(tmp_path_factory.mktemp("small"), empty_register)
    shutil.copytree(PROJECT / "macros", project.folder / "macros")
    shutil.copytree(PROJECT / "tests/generic", project.folder / "tests/generic")
    for name, text in FILES.items():
        project.write(name, text)
    yield project
    with project.database() as database:
        database.execute("drop schema if exists small cascade; drop table if exists staging.steps")


@pytest.fixture(scope="module")
def builds(small: Small) -> dict[str, Built]:
    """First; once more with nothing changed; with much changed, some of it wrongly; and everything from nothing."""
    told = {"first": small.build(), "again": small.build()}
    small.write("seeds/edited.csv", "code,amount,name\na,1,Ash\nc,3,Oak\n")
    small.write("models/looks.sql", "select amount, code, true as is_new from {{ ref('kept') }}")
    small.write("models/built.sql", "select code, amount::text as amount from {{ ref('kept') }}")
    with small.database() as database:
        database.execute("update small.touched set amount = 7")
    told["changed"] = small.build()
    small.write("models/built.sql", "select code, amount from {{ ref('kept') }} where code = 'a'")
    with small.database() as database:
        database.execute("drop view small.looks_on, small.looks; create table small.looks_on (is_in_the_way boolean)")
        database.execute("alter table small.looks_on owner to rollcall_transform")
    told["anew"] = small.build("--full-refresh")
    return told


def test_a_table_keeps_its_contract_index_grants_comment_and_hooks(small: Small, builds: dict[str, Built]):
    for moment in ("first", "again"):
        _, persistence, access, comment = builds[moment].relations["built"]
        assert (persistence, comment) == ("u", "One row per code.")
        assert "rollcall_publisher=r/" in access
        # a contract puts the columns in its own order
        assert builds[moment].rows["built"] == [(1, "a"), (2, "b")]
        assert builds[moment].said["built"] == ("success", "INSERT 0 2")
    with small.database() as database:
        steps = [row[0] for row in database.execute("select step from staging.steps").fetchall()]
        indexes = database.execute(
            "select indisunique, indkey::text from pg_index where indrelid = 'small.built'::regclass"
        ).fetchall()
    assert steps == ["inside 2", "after", "inside 2", "after", "inside 1", "after"]
    assert indexes == [(True, "2")]


def test_a_table_is_replaced_whole_and_leaves_nothing_aside(builds: dict[str, Built]):
    assert builds["again"].relations["built"][0] != builds["first"].relations["built"][0]
    assert all(not [name for name in built.relations if "__dbt" in name] for built in builds.values())
    assert builds["again"].rows["reads_built"] == builds["again"].rows["built"]


def test_a_broken_contract_stops_the_table_and_the_old_one_stays(builds: dict[str, Built]):
    status, message = builds["changed"].said["built"]
    assert status == "error"
    assert "enforced contract that failed" in message
    assert builds["changed"].relations["built"] == builds["again"].relations["built"]
    assert builds["changed"].said["reads_built"][0] == "skipped"
    assert builds["anew"].rows["built"] == [(1, "a")]


def test_a_view_is_replaced_in_place_and_from_nothing_where_its_columns_changed(builds: dict[str, Built]):
    for name in ("looks", "looks_on"):
        assert builds["again"].relations[name] == builds["first"].relations[name]
        assert builds["changed"].said[name][0] == "success"
    assert builds["changed"].relations["looks"][0] != builds["first"].relations["looks"][0]
    assert builds["changed"].rows["looks"] == [(1, "a", True), (2, "b", True)]
    assert builds["changed"].rows["looks_on"] == [("a",), ("b",)]
    assert all("rollcall_publisher=r/" in built.relations["looks"][2] for built in builds.values())


def test_a_view_takes_the_place_of_a_table(builds: dict[str, Built]):
    assert builds["anew"].said["looks_on"][0] == "success"
    assert builds["anew"].rows["looks_on"] == [("a",), ("b",)]


def test_a_seed_is_loaded_where_its_file_its_rows_or_the_refresh_say_so(builds: dict[str, Built]):
    said = {moment: [built.said[name][1] for name in SEEDS] for moment, built in builds.items()}
    assert said == {
        "first": ["INSERT 2", "INSERT 1", "INSERT 1"],
        "again": ["UNCHANGED", "UNCHANGED", "UNCHANGED"],
        "changed": ["UNCHANGED", "INSERT 2", "INSERT 1"],
        "anew": ["INSERT 2", "INSERT 2", "INSERT 1"],
    }
    assert builds["changed"].rows["edited"] == [("a", 1, "Ash"), ("c", 3, "Oak")]
    assert builds["changed"].rows["touched"] == [("a", 1)]
    assert builds["anew"].relations["kept"][0] != builds["changed"].relations["kept"][0]


def test_a_unique_index_proves_rows_without_nulls_and_the_test_the_others(builds: dict[str, Built]):
    outcomes = {name.split("_")[2]: said[0] for name, said in builds["first"].said.items() if name.startswith("unique")}
    assert outcomes == {"gaps": "pass", "twice": "fail"}
