"""How each kind of chart is drawn: Superset's parameters for it. What Superset does by default is not repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bi.build.datasets import Dataset, described_metrics

ROWS: Final = 1000
_SHOWN_ROWS: Final = 500
_PAGE: Final = 20


@dataclass(frozen=True)
class Chart:
    """A chart as described: what is measured, along which axis, by what, where, in which order."""

    title: str
    kind: str
    dataset: Dataset
    metrics: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    axis: str = ""
    where: dict[str, list[Any]] = field(default_factory=dict)
    order: str = ""
    limit: int = ROWS
    about: str = ""
    note: str = ""
    ignores: list[str] = field(default_factory=list)

    @property
    def filters(self) -> list[tuple[str, list[Any]]]:
        """The chart's own conditions: a column and the values that it may have."""
        return sorted(self.where.items())

    @property
    def descending(self) -> bool:
        """Whether the greatest comes first: an order written with a minus sign."""
        return self.order.startswith("-")

    @property
    def order_by(self) -> str:
        """The column or metric that rows are ordered by; empty where the axis orders them."""
        return self.order.removeprefix("-")


def _format(chart: Chart) -> str:
    return str(chart.dataset.metrics[chart.metrics[0]]["d3format"])


def _number(chart: Chart) -> tuple[str, dict[str, Any]]:
    return "big_number_total", {
        "metric": chart.metrics[0],
        "subheader": chart.note,
        "header_font_size": 0.5,
        "subheader_font_size": 0.2,
        "y_axis_format": _format(chart),
    }


def _series(chart: Chart) -> dict[str, Any]:
    is_signed = any(described_metrics()[metric].get("signed") for metric in chart.metrics)
    several = len(chart.metrics) > 1 or bool(chart.by)
    return {
        "x_axis": chart.axis,
        "metrics": chart.metrics,
        "groupby": chart.by,
        "show_legend": several,
        "legendOrientation": "top",
        "legendType": "plain",
        "rich_tooltip": True,
        "y_axis_format": _format(chart),
        "truncateYAxis": False,
        "y_axis_bounds": [None if is_signed else 0, None],
        "only_total": True,
        "sort_series_type": "name",
        "sort_series_ascending": True,
        "tooltipTimeFormat": "%-d %B %Y",
        "x_axis_time_format": "%-d %b",
        "x_axis_title_margin": 15,
        "y_axis_title_margin": 15,
    }


def _line(chart: Chart) -> tuple[str, dict[str, Any]]:
    return "echarts_timeseries_line", {
        **_series(chart),
        "time_grain_sqla": "P1D",
        "markerEnabled": True,
        "markerSize": 5,
        "connectNulls": False,
        "seriesType": "line",
    }


def _bar(chart: Chart) -> tuple[str, dict[str, Any]]:
    ordered = {"x_axis_sort": chart.order_by, "x_axis_sort_asc": not chart.descending} if chart.order else {}
    return "echarts_timeseries_bar", {
        **_series(chart),
        **ordered,
        "orientation": "horizontal",
        "show_value": not chart.by,
        "stack": "Stack" if chart.by else None,
    }


def _column(chart: Chart) -> tuple[str, dict[str, Any]]:
    viz_type, parameters = _bar(chart)
    upright = {"orientation": "vertical", "xAxisForceCategorical": True, "xAxisLabelInterval": "0"}
    return viz_type, {**parameters, **upright}


def _bubble(chart: Chart) -> tuple[str, dict[str, Any]]:
    across, up, size = chart.metrics
    formats = [str(chart.dataset.metrics[metric]["d3format"]) for metric in chart.metrics]
    return "bubble_v2", {
        "entity": chart.axis,
        "series": chart.by[0],
        "x": across,
        "y": up,
        "size": size,
        "max_bubble_size": "15",
        "opacity": 0.6,
        "show_legend": True,
        "legendOrientation": "top",
        "legendType": "plain",
        "xAxisFormat": formats[0],
        "y_axis_format": formats[1],
        "tooltipSizeFormat": formats[2],
        "x_axis_label": chart.dataset.metrics[across]["verbose_name"],
        "y_axis_label": chart.dataset.metrics[up]["verbose_name"],
        "x_axis_title_margin": 30,
        "y_axis_title_margin": 60,
        "y_axis_bounds": [0, None],
    }


def _table(chart: Chart) -> tuple[str, dict[str, Any]]:
    shown = {
        "table_timestamp_format": "%-d %B %Y",
        "page_length": _PAGE if chart.limit < ROWS else 0,
        "include_search": chart.limit < ROWS,
        "show_cell_bars": False,
        "allow_rearrange_columns": False,
        "server_pagination": False,
        "show_totals": False,
    }
    if chart.columns:
        order = [json.dumps([chart.order_by, not chart.descending])] if chart.order else []
        return "table", {
            **shown,
            "query_mode": "raw",
            "all_columns": chart.columns,
            "order_by_cols": order,
            "row_limit": min(chart.limit, _SHOWN_ROWS),
        }
    return "table", {
        **shown,
        "query_mode": "aggregate",
        "groupby": chart.by,
        "metrics": chart.metrics,
        "timeseries_limit_metric": chart.order_by or None,
        "order_desc": chart.descending,
    }


KINDS: Final[dict[str, Callable[[Chart], tuple[str, dict[str, Any]]]]] = {
    "number": _number,
    "line": _line,
    "bar": _bar,
    "column": _column,
    "bubble": _bubble,
    "table": _table,
}
