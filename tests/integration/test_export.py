"""The export: files that hold what the marts hold, of one publication, for their owner only."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rollcall import nightly
from rollcall.errors import SettingsError
from rollcall.report.export import _texts
from tests.story import Story
from tests.tiny_city import TinyCity


@pytest.fixture(scope="module")
def folder(tiny_city: TinyCity, story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert story.evenings
    place = tmp_path_factory.mktemp("export") / "today"
    nightly.export(place, [], "parquet")
    return place


def test_every_published_view_has_a_file_with_its_rows(tiny_city: TinyCity, folder: Path):
    views = {row[0] for row in tiny_city.rows("select viewname from pg_views where schemaname = 'serve'")}
    files = {path.stem: path for path in folder.glob("*.parquet")}
    assert set(files) == views - {"fct_sessions"}
    for name, path in files.items():
        assert pq.read_metadata(path).num_rows == tiny_city.value(f"select count(*) from serve.{name}"), name


def test_values_and_types_are_those_of_the_mart(tiny_city: TinyCity, folder: Path):
    query = """
        select count(*), sum(sessions_possible), sum(sessions_absent), round(sum(absence_rate)::numeric, 6)::text,
            max(last_school_day)
        from {} where period_type = 'year'
    """
    path = folder / "agg_school_absence.parquet"
    with duckdb.connect() as db:
        told = db.execute(query.format(f"read_parquet('{path}')").replace("::numeric", "::decimal(18, 9)")).fetchall()
    here = tiny_city.rows(query.format("serve.agg_school_absence"))
    assert told[0][:3] == here[0][:3]
    assert float(told[0][3]) == pytest.approx(float(here[0][3]), abs=1e-6)
    assert told[0][4] == here[0][4]
    schema = pq.read_schema(path)
    assert schema.field("last_school_day").type == pa.date32()
    assert schema.field("sessions_possible").type == pa.int32()


def test_the_manifest_says_which_publication_and_proves_each_file(tiny_city: TinyCity, folder: Path):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["night"] == str(tiny_city.value("select night from serve.publication"))
    assert manifest["sessions_known"] <= manifest["sessions_expected"]
    for item in manifest["files"]:
        data = (folder / item["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == item["sha256"]


def test_the_dictionary_explains_every_column_of_every_mart(folder: Path):
    with (folder / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    explained = {(row["mart"], row["column"]) for row in rows if row["meaning"]}
    marts = {row["mart"] for row in rows}
    columns = {(name, column) for name in marts for column in pq.read_schema(folder / f"{name}.parquet").names}
    assert len(marts) > 50
    assert columns == explained


def test_only_the_owner_can_read_what_was_written(folder: Path):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not list(folder.glob("*.part"))


def test_csv_holds_the_same_rows_and_no_formula(tiny_city: TinyCity, story: Story, tmp_path: Path):
    assert story.evenings
    nightly.export(tmp_path / "csv", ["dim_schools"], "csv")
    with (tmp_path / "csv" / "dim_schools.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = tiny_city.rows("select urn, school_name from serve.dim_schools")
    assert {(int(row["urn"]), row["school_name"]) for row in rows} == set(names)
    assert _texts(pa.array(["=1+1", "+4", "-4", "@sum", "Ash", None])) == ["'=1+1", "'+4", "'-4", "'@sum", "Ash", None]
    assert _texts(pa.array([-4])) == [-4]


def test_a_mart_that_is_not_published_is_named(tiny_city: TinyCity, story: Story, tmp_path: Path):
    assert story.evenings
    with pytest.raises(SettingsError, match="Not published: fct_nonsense"):
        nightly.export(tmp_path / "none", ["fct_nonsense"], "parquet")
