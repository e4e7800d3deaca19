"""Datasets: a select over `serve`, its columns with dbt's own texts, and metrics that are right at every level."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from bi.build.dbt_docs import Column, published_columns
from bi.build.names import DATABASE, SCHEMA, VERSION, DescriptionError, identifier, title_of
from bi.settings import FOLDER
from rollcall.settings import PROJECT_ROOT

_VIEW: Final = re.compile(r"serve\.(\w+) as (\w+)")
_COLUMN: Final = re.compile(r"\b([a-z]\w*)\.([a-z]\w*)\b")
_DATES: Final = ("date", "timestamptz")
_SHARE_FORMAT: Final = ".1%"
_COUNT_FORMAT: Final = ",d"


@dataclass(frozen=True)
class Dataset:
    """A dataset as described, with every column and metric resolved."""

    name: str
    title: str
    grain: str
    sql: str
    columns: Mapping[str, Column]
    metrics: Mapping[str, dict[str, Any]]

    @property
    def uuid(self) -> str:
        """Its identifier."""
        return identifier("dataset", self.name)


@cache
def datasets() -> dict[str, Dataset]:
    """Every dataset of the folder `datasets`, by name; raises ``DescriptionError``."""
    found: dict[str, Dataset] = {}
    for path in sorted((FOLDER / "datasets").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            if entry["name"] in found:
                raise DescriptionError(f"{path.name}: two datasets are named {entry['name']}")
            found[entry["name"]] = _dataset(entry)
    return found


def _dataset(entry: dict[str, Any]) -> Dataset:
    views = {alias: view for view, alias in _VIEW.findall(entry["from"])}
    columns: dict[str, Column] = {}
    selected: list[str] = []
    for name, said in entry["columns"].items():
        given = said if isinstance(said, dict) else {"sql": said}
        columns[name] = _column(entry["name"], name, given, views)
        selected.append(f"    {given['sql']} as {name}")
    where = f"\nwhere {entry['where']}" if "where" in entry else ""
    sql = "select\n" + ",\n".join(selected) + f"\nfrom {entry['from']}{where}"
    metrics = {name: _metric(entry, name, columns) for name in entry["metrics"]}
    return Dataset(entry["name"], entry["title"], " ".join(entry["grain"].split()), sql, columns, metrics)


def _column(dataset: str, name: str, given: dict[str, Any], views: dict[str, str]) -> Column:
    """The column's text and type: those given, or dbt's of the one column that the expression reads."""
    read = set(_COLUMN.findall(given["sql"]))
    said = None
    if len(read) == 1:
        ((alias, column),) = read
        models = [views[alias]] if alias in views else sorted(set(views.values()))
        said = next((published_columns()[m, column] for m in models if (m, column) in published_columns()), None)
    text = given.get("says") or (said.description if said else "")
    if not text:
        raise DescriptionError(f"dataset {dataset}: dbt says nothing of column {name}; give it `says`")
    is_plain = _COLUMN.fullmatch(given["sql"]) is not None
    return Column(text, given.get("type") or (said.data_type if said and is_plain else "text"))


@cache
def described_metrics() -> dict[str, dict[str, Any]]:
    """Every metric of `metrics.yml`; one without a sentence of its own has the ledger's."""
    ledger_file = PROJECT_ROOT / "dbt_project" / "seeds" / "measures.csv"
    with ledger_file.open(encoding="utf-8", newline="") as file:
        ledger = {row["measure"]: row["sentence"] for row in csv.DictReader(file)}
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "metrics.yml").read_text(encoding="utf-8"))
    for name, metric in found.items():
        metric.setdefault("says", ledger.get(name, ""))
    return found


def _metric(entry: dict[str, Any], name: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    metric = described_metrics().get(name)
    if metric is None:
        raise DescriptionError(f"dataset {entry['name']}: there is no metric {name} in metrics.yml")
    expression, needs, is_share = _expression(metric)
    for column in (*needs, *entry.get("guard", [])):
        if column not in columns:
            raise DescriptionError(f"dataset {entry['name']}: metric {name} needs the column {column}")
    sentence = metric["says"] or (columns[metric["sum"]].description if "sum" in metric else "")
    if not sentence:
        raise DescriptionError(f"metric {name} is not in the ledger of measures; give it `says`")
    guard = " and ".join(f"min({column}) = max({column})" for column in entry.get("guard", []))
    return {
        "metric_name": name,
        "verbose_name": metric["title"],
        "expression": f"case when {guard} then {expression} end" if guard else expression,
        "description": sentence,
        "d3format": _SHARE_FORMAT if is_share else _COUNT_FORMAT,
        "warning_text": None,
        "extra": {
            "certification": {"certified_by": "Rollcall", "details": f"Defined in docs/measures/{metric['page']}.md"}
        },
    }


def _expression(metric: dict[str, Any]) -> tuple[str, list[str], bool]:
    """(SQL, columns it needs, whether it is a share). Every share is a sum over a sum."""
    if "share" in metric:
        part, whole = metric["share"]
        return f"sum({part})::numeric / nullif(sum({whole}), 0)", [part, whole], True
    if "share_of_one" in metric:
        part, whole = metric["share_of_one"]
        return f"sum({part})::numeric / nullif(max({whole}), 0)", [part, whole], True
    if "sum" in metric:
        return f"sum({metric['sum']})", [metric["sum"]], False
    if "count" in metric:
        return f"count(distinct {metric['count']})", [metric["count"]], False
    return "count(*)", [], False


def as_superset(dataset: Dataset) -> dict[str, Any]:
    """The dataset in Superset's import format."""
    dates = [name for name, column in dataset.columns.items() if column.data_type in _DATES]
    return {
        "table_name": dataset.title,
        "main_dttm_col": dates[0] if dates else None,
        "description": dataset.grain,
        "offset": 0,
        "cache_timeout": None,
        "schema": SCHEMA,
        "catalog": None,
        "sql": dataset.sql,
        "filter_select_enabled": True,
        "extra": {"certification": {"certified_by": "Rollcall", "details": f"A view of {DATABASE}, schema {SCHEMA}"}},
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": dataset.uuid,
        "columns": [_as_column(name, column) for name, column in dataset.columns.items()],
        "metrics": list(dataset.metrics.values()),
        "is_managed_externally": True,
        "version": VERSION,
        "database_uuid": identifier("database", DATABASE),
    }


def _as_column(name: str, column: Column) -> dict[str, Any]:
    return {
        "column_name": name,
        "verbose_name": title_of(name),
        "is_dttm": column.data_type in _DATES,
        "is_active": True,
        "type": column.data_type.upper(),
        "groupby": True,
        "filterable": True,
        "expression": None,
        "description": column.description,
        "python_date_format": None,
        "extra": {},
    }
