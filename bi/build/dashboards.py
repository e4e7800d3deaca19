"""Dashboards: rows of charts and texts on Superset's grid, with filters that reach every chart they fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from bi.build.charts import chart_of, chart_uuid
from bi.build.datasets import datasets, described_metrics
from bi.build.kinds import Chart
from bi.build.names import VERSION, DescriptionError, identifier
from bi.palette import CATEGORICAL, SCHEME
from bi.settings import FOLDER

_WIDTH: Final = 12
_LINE: Final = 170
_HEIGHTS: Final = {"number": 22, "line": 46, "bar": 46, "column": 46, "bubble": 54, "table": 50}


@dataclass(frozen=True)
class Item:
    """One cell of a row: a chart or a text, its width in twelfths, its height in steps of the grid."""

    width: int
    height: int
    chart: Chart | None = None
    text: str = ""


@dataclass(frozen=True)
class Dashboard:
    """A dashboard as described."""

    slug: str
    title: str
    about: str
    filters: list[dict[str, Any]]
    rows: list[list[Item]]
    colours: dict[str, str]

    @property
    def charts(self) -> list[Chart]:
        """Its charts in reading order."""
        return [item.chart for row in self.rows for item in row if item.chart]


@cache
def dashboards() -> dict[str, Dashboard]:
    """Every dashboard of the folder `dashboards`, by slug; raises ``DescriptionError``."""
    shared = yaml.safe_load((FOLDER / "shared.yml").read_text(encoding="utf-8"))
    found = {}
    for path in sorted((FOLDER / "dashboards").glob("*.yml")):
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[entry["slug"]] = _dashboard(path.name, entry, shared)
    return found


def _dashboard(file: str, entry: dict[str, Any], shared: dict[str, Any]) -> Dashboard:
    head = [[{"text": entry["about"].strip()}]]
    rows = [[_item(file, cell) for cell in row] for row in (*head, *shared["rows"], *entry["rows"])]
    for number, row in enumerate(rows):
        if sum(item.width for item in row) > _WIDTH:
            raise DescriptionError(f"{file}: row {number} is wider than {_WIDTH}")
    titles = [item.chart.title for row in rows for item in row if item.chart]
    if len(titles) != len(set(titles)):
        raise DescriptionError(f"{file}: two charts have the same title")
    filters = [{**shared["filters"][name], "name": name} for name in entry["filters"]]
    colours = {}
    for label, place in shared["colours"].items():
        # a series of a metric is known by its name in one chart and by its title in another
        colours.update({name: CATEGORICAL[place - 1] for name in (label, _title_of(label))})
    return Dashboard(entry["slug"], entry["title"], " ".join(entry["about"].split()), filters, rows, colours)


def _title_of(label: str) -> str:
    return str(described_metrics()[label]["title"]) if label in described_metrics() else label


def _item(file: str, cell: dict[str, Any]) -> Item:
    if "text" in cell:
        lines = math.ceil(len(cell["text"]) / _LINE)
        return Item(cell.get("width", _WIDTH), cell.get("height", 10 + 3 * lines), text=cell["text"])
    return Item(cell["width"], cell.get("height", _HEIGHTS[cell["type"]]), chart_of(cell, file))


def as_superset(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard in Superset's import format. Chart numbers are places on the page until the import knows better."""
    numbers = {chart.title: number for number, chart in enumerate(dashboard.charts, start=1)}
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.about,
        "css": "",
        "slug": dashboard.slug,
        "certified_by": "Rollcall",
        "certification_details": "Every measure is defined in docs/measures",
        "published": True,
        "uuid": identifier("dashboard", dashboard.slug),
        "position": _position(dashboard, numbers),
        "metadata": {
            "color_scheme": SCHEME,
            "color_scheme_domain": CATEGORICAL,
            "label_colors": dashboard.colours,
            "map_label_colors": {},
            "shared_label_colors": [],
            "cross_filters_enabled": True,
            "chart_configuration": {},
            "global_chart_configuration": {
                "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
                "chartsInScope": list(numbers.values()),
            },
            "default_filters": "{}",
            "expanded_slices": {},
            "filter_bar_orientation": "HORIZONTAL",
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "native_filter_configuration": [_filter(dashboard, said, numbers) for said in dashboard.filters],
        },
        "is_managed_externally": True,
        "version": VERSION,
    }


def _position(dashboard: Dashboard, numbers: dict[str, int]) -> dict[str, Any]:
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    for row_number, row in enumerate(dashboard.rows, start=1):
        row_id = f"ROW-{row_number}"
        position["GRID_ID"]["children"].append(row_id)
        cells = []
        for cell_number, item in enumerate(row, start=1):
            cell_id = f"{'CHART' if item.chart else 'MARKDOWN'}-{row_number}-{cell_number}"
            cells.append(cell_id)
            meta: dict[str, Any] = {"width": item.width, "height": item.height}
            if item.chart:
                meta["chartId"] = numbers[item.chart.title]
                meta["uuid"] = chart_uuid(dashboard.slug, item.chart.title)
                meta["sliceName"] = item.chart.title
            else:
                meta["code"] = item.text
            position[cell_id] = {
                "type": "CHART" if item.chart else "MARKDOWN",
                "id": cell_id,
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row_id],
                "meta": meta,
            }
        position[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": cells,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
    return position


def _filter(dashboard: Dashboard, said: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    """A filter of values; out of its reach are charts without the column, and those that set it themselves."""
    column = said["column"]
    reached = {
        chart.title
        for chart in dashboard.charts
        if column in chart.dataset.columns and column not in (*chart.where, *chart.ignores)
    }
    if not reached:
        raise DescriptionError(f"dashboard {dashboard.slug}: the filter {said['name']} reaches no chart")
    default = said.get("default")
    chosen = {
        "extraFormData": {"filters": [{"col": column, "op": "IN", "val": [default]}]},
        "filterState": {"value": [default], "label": default},
        "ownState": {},
    }
    return {
        "id": f"NATIVE_FILTER-{said['name']}",
        "name": said["title"],
        "description": said.get("about", ""),
        "filterType": "filter_select",
        "type": "NATIVE_FILTER",
        "targets": [{"column": {"name": column}, "datasetUuid": datasets()[said["dataset"]].uuid}],
        "controlValues": {
            "multiSelect": not said.get("single", False),
            "enableEmptyFilter": said.get("single", False),
            "defaultToFirstItem": said.get("first", False),
            "inverseSelection": False,
            "searchAllOptions": False,
        },
        # a page that opens with its first school asks nothing before that school is known
        "requiredFirst": said.get("first", False),
        "defaultDataMask": chosen if default else {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [number for title, number in numbers.items() if title not in reached],
        },
        "chartsInScope": [number for title, number in numbers.items() if title in reached],
        "tabsInScope": [],
    }
