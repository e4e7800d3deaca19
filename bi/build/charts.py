"""Charts: a few lines of description each, expanded to Superset's parameters and to the query that they ask."""

from __future__ import annotations

import json
from typing import Any, Final

from bi.build.datasets import datasets
from bi.build.kinds import KINDS, Chart
from bi.build.names import VERSION, DescriptionError, identifier
from bi.palette import SCHEME

_FIELDS: Final = ("metrics", "by", "columns", "axis", "order", "limit", "about", "note", "ignores")
_KEYS: Final = {"chart", "type", "dataset", "where", *_FIELDS}


def chart_of(entry: dict[str, Any], where: str) -> Chart:
    """Read one chart's description; raises ``DescriptionError`` with the dashboard and chart named."""
    name = f"{where}, chart {entry.get('chart')!r}"
    if unknown := set(entry) - _KEYS - {"width", "height"}:
        raise DescriptionError(f"{name}: nobody knows the keys {sorted(unknown)}")
    if entry["dataset"] not in datasets():
        raise DescriptionError(f"{name}: there is no dataset {entry['dataset']}")
    conditions = {key: value if isinstance(value, list) else [value] for key, value in entry.get("where", {}).items()}
    fields = {key: entry[key] for key in _FIELDS if key in entry}
    chart = Chart(entry["chart"], entry["type"], datasets()[entry["dataset"]], where=conditions, **fields)
    if chart.kind not in KINDS:
        raise DescriptionError(f"{name}: the types are {', '.join(KINDS)}")
    for metric in chart.metrics:
        if metric not in chart.dataset.metrics:
            raise DescriptionError(f"{name}: dataset {chart.dataset.name} has no metric {metric}")
    order = [chart.order_by] if chart.order_by and chart.order_by not in chart.dataset.metrics else []
    axis = [chart.axis] if chart.axis else []
    for column in (*chart.by, *chart.columns, *chart.ignores, *conditions, *order, *axis):
        if column not in chart.dataset.columns:
            raise DescriptionError(f"{name}: dataset {chart.dataset.name} has no column {column}")
    return chart


def as_superset(chart: Chart, uuid: str) -> dict[str, Any]:
    """The chart in Superset's import format."""
    viz_type, own = KINDS[chart.kind](chart)
    parameters = {
        "adhoc_filters": [_condition(column, values) for column, values in chart.filters],
        "annotation_layers": [],
        "color_scheme": SCHEME,
        "row_limit": chart.limit,
        "time_range": "No filter",
        "viz_type": viz_type,
        **own,
    }
    return {
        "slice_name": chart.title,
        "description": chart.about or None,
        "certified_by": None,
        "certification_details": None,
        "viz_type": viz_type,
        "params": parameters,
        "query_context": json.dumps(_query_context(chart), sort_keys=True),
        "cache_timeout": None,
        "uuid": uuid,
        "version": VERSION,
        "dataset_uuid": chart.dataset.uuid,
        "is_managed_externally": True,
    }


def chart_uuid(dashboard: str, title: str) -> str:
    """A chart belongs to one dashboard, where its title is its name."""
    return identifier("chart", f"{dashboard}/{title}")


def _condition(column: str, values: list[Any]) -> dict[str, Any]:
    return {
        "clause": "WHERE",
        "comparator": values,
        "expressionType": "SIMPLE",
        "filterOptionName": f"filter_{column}",
        "operator": "IN",
        "operatorId": "IN",
        "subject": column,
    }


def _query_context(chart: Chart) -> dict[str, Any]:
    """The chart's query as the chart data interface takes it; the import fills in the dataset's number."""
    order = [[chart.order_by, not chart.descending]] if chart.order and chart.order_by not in {chart.axis} else []
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "form_data": {},
        "queries": [
            {
                "columns": [*([chart.axis] if chart.axis else []), *chart.by, *chart.columns],
                "metrics": chart.metrics or None,
                "filters": [{"col": column, "op": "IN", "val": values} for column, values in chart.filters],
                "orderby": order,
                "row_limit": chart.limit,
                "extras": {},
                "annotation_layers": [],
                "applied_time_extras": {},
                "url_params": {},
                "custom_params": {},
                "custom_form_data": {},
            }
        ],
        "result_format": "json",
        "result_type": "full",
    }
