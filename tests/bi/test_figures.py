"""The running tool: every dataset and chart is there by one command and answers with the warehouse's own figures."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import httpx
import psycopg
import pytest

from bi.build.dashboards import dashboards
from bi.build.datasets import Dataset, datasets
from bi.build.kinds import Chart
from tests.bi.conftest import BiTool, run_bi

CHARTS = {f"{slug}: {chart.title}": chart for slug, board in dashboards().items() for chart in board.charts}


def ask(client: httpx.Client, dataset_id: int, **query: Any) -> list[dict[str, Any]]:
    """The rows of a query through the chart data interface."""
    body = {
        "datasource": {"id": dataset_id, "type": "table"},
        "queries": [{"columns": [], "metrics": [], "filters": [], "orderby": [], "row_limit": 1000, **query}],
        "result_format": "json",
        "result_type": "full",
    }
    answer = client.post("/api/v1/chart/data", json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["result"][0]["data"])


def test_one_command_brings_everything_and_again_changes_nothing_but_what_is_described_no_more(
    bi_tool: BiTool, admin: httpx.Client
):
    def seen() -> dict[str, set[tuple[int, str]]]:
        keys = {"dashboard": "dashboard_title", "chart": "slice_name", "dataset": "table_name"}
        return {kind: {(row["id"], row[key]) for row in bi_tool.everything(admin, kind)} for kind, key in keys.items()}

    before = seen()
    assert len(before["dashboard"]) == len(dashboards()) == 6
    assert len(before["chart"]) == len(CHARTS)
    assert len(before["dataset"]) == len(datasets())
    assert f"{len(datasets())} datasets, {len(CHARTS)} charts, 6 dashboards" in bi_tool.said
    made = {}
    for name, is_ours in (("of old", True), ("of a person", False)):
        body = {"dashboard_title": name, "is_managed_externally": is_ours, "published": True}
        answer = admin.post("/api/v1/dashboard/", json=body)
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
    run_bi("up")
    after = seen()
    left = after["dashboard"] - before["dashboard"]
    assert left == {(made["of a person"], "of a person")}
    assert admin.delete(f"/api/v1/dashboard/{made['of a person']}").status_code == 200
    assert seen() == before


@pytest.mark.parametrize("name", datasets())
def test_every_dataset_is_readable_by_the_reader_and_has_the_columns_that_it_says(bi_tool: BiTool, name: str):
    dataset = datasets()[name]
    with bi_tool.city.as_role("bi_reader") as connection:
        cursor = connection.execute(f"select * from ({dataset.sql}) as dataset limit 5")
        assert [column.name for column in cursor.description] == list(dataset.columns)
        expected = {"integer": "int4", "smallint": "int2", "boolean": "bool", "date": "date", "text": "text"}
        for column in cursor.description:
            said = dataset.columns[column.name].data_type
            found = psycopg.adapters.types[column.type_code].name
            # sums of the warehouse's counts may be wider
            assert found == expected.get(said, said) or (said == "integer" and found in ("int8", "int2")), column.name


def test_the_metrics_are_the_warehouses_own_figures(bi_tool: BiTool, analyst: httpx.Client, numbers: dict[str, int]):
    names = ["absence_rate", "unauthorised_rate", "attendance_rate", "persistent_rate", "severe_rate", "coverage_rate"]
    columns = ", ".join(names)
    periods = bi_tool.city.rows(
        f"select period_name, enrolments, enrolments_persistently_absent, {columns} from serve.agg_city_absence"
        " where period_type in ('year', 'term', 'half_term')"
    )
    assert len(periods) >= 10
    rows = ask(
        analyst,
        numbers["Schools, by period"],
        columns=["period"],
        metrics=["enrolments", "enrolments_persistently_absent", *names],
    )
    answered = {row["period"]: row for row in rows}
    for period, enrolments, persistent, *rates in periods:
        assert answered[period]["enrolments"] == enrolments
        assert answered[period]["enrolments_persistently_absent"] == persistent
        for name, rate in zip(names, rates, strict=True):
            assert abs(Decimal(str(answered[period][name])) - rate) < Decimal("1e-9"), (period, name)


def test_one_schools_figures_are_the_warehouses(bi_tool: BiTool, analyst: httpx.Client, numbers: dict[str, int]):
    for urn, rate, persistent in bi_tool.city.rows(
        "select urn, absence_rate, persistent_rate from serve.agg_school_absence where period_type = 'year'"
    ):
        (row,) = ask(
            analyst,
            numbers["Schools, by period"],
            metrics=["absence_rate", "persistent_rate"],
            filters=[{"col": "urn", "op": "==", "val": urn}, {"col": "period", "op": "==", "val": "year to date"}],
        )
        for name, value in (("absence_rate", rate), ("persistent_rate", persistent)):
            if value is None:  # a school that has delivered nothing has no rate
                assert row[name] is None
            else:
                assert abs(Decimal(str(row[name])) - value) < Decimal("1e-9")


@pytest.mark.parametrize("name", [name for name, one in datasets().items() if "case when min(" in str(one.metrics)])
def test_a_metric_is_empty_where_periods_areas_or_topics_would_be_added_up(bi_tool: BiTool, name: str):
    dataset = datasets()[name]
    guards = set(re.findall(r"min\((\w+)\) = max", str(dataset.metrics)))
    query = ", ".join(metric["expression"] for metric in dataset.metrics.values())
    with bi_tool.city.as_role("bi_reader") as connection:
        distinct = ", ".join(f"count(distinct {column})" for column in sorted(guards))
        counts = connection.execute(f"select {distinct} from ({dataset.sql}) as dataset").fetchone()
        values = connection.execute(f"select {query} from ({dataset.sql}) as dataset").fetchone()
        one = " and ".join(f"{column} = (select min({column}) from dataset)" for column in sorted(guards))
        chosen = connection.execute(
            f"with dataset as ({dataset.sql}) select {query} from dataset where {one}"
        ).fetchone()
    if max(counts) > 1:
        assert set(values) == {None}, "several of them were added up"
    assert max(counts) == 0 or any(value is not None for value in chosen)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_answers_through_the_interface(bi_tool: BiTool, analyst: httpx.Client, name: str):
    slug, _ = name.split(": ", 1)
    chart = CHARTS[name]
    (number,) = [
        row["id"]
        for row in analyst.get(f"/api/v1/dashboard/{slug}/charts").json()["result"]
        if row["slice_name"] == chart.title
    ]
    answer = analyst.get(f"/api/v1/chart/{number}/data/")
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["result"]
    assert result["error"] is None
    assert result["status"] == "success"
    assert (result["rowcount"] > 0) == _has_rows(bi_tool, chart), "the chart and the warehouse do not agree"


def _has_rows(bi_tool: BiTool, chart: Chart) -> bool:
    """Whether the chart's dataset has a row under the chart's own conditions; a single number always is one."""
    if not (chart.by or chart.columns or chart.axis):
        return True
    conditions = " and ".join(f"{column}::text = any(%s)" for column, _ in chart.filters) or "true"
    values = [[str(value) for value in allowed] for _, allowed in chart.filters]
    with bi_tool.city.as_role("bi_reader") as connection:
        query = f"select exists (select from ({_sql(chart.dataset)}) as dataset where {conditions})"
        row = connection.execute(query, values).fetchone()
    return bool(row and row[0])


def _sql(dataset: Dataset) -> str:
    return dataset.sql.replace("%", "%%")
