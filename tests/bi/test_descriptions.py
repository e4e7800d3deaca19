"""What the descriptions promise, read from the files that Superset imports: safe metrics, no rate to add up, no name."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from bi.build.bundle import bundle
from bi.build.charts import chart_of
from bi.build.dashboards import dashboards
from bi.build.datasets import datasets, described_metrics
from bi.build.dbt_docs import published_columns
from bi.build.names import DescriptionError
from bi.palette import CATEGORICAL
from rollcall.settings import PROJECT_ROOT

ADDRESS = "postgresql+psycopg2://rollcall_bi_reader@127.0.0.1:5432/rollcall"
FILES: dict[str, dict[str, Any]] = {name: yaml.safe_load(text) for name, text in bundle(ADDRESS).items()}
CHARTS = {name: content for name, content in FILES.items() if name.startswith("charts/")}
DATASETS = {name: content for name, content in FILES.items() if name.startswith("datasets/")}
BOARDS = {name: content for name, content in FILES.items() if name.startswith("dashboards/")}

SHARE = re.compile(r"sum\((\w+)\)::numeric / nullif\((sum|max)\((\w+)\), 0\)")
COUNT = re.compile(r"sum\(\w+\)|count\(distinct \w+\)|count\(\*\)")
GUARDED = re.compile(r"case when (?:min\((\w+)\) = max\(\1\)(?: and )?)+ then (.+) end")
IDENTITY = re.compile(r"forename|surname|first_name|last_name|upn|birth|postcode|address|parent|social_worker")
# columns of the warehouse that are a rate, a share or a per cent
RATE = re.compile(r"_rate$|^share_|_pct$")


def test_the_same_descriptions_give_the_same_bytes():
    assert bundle(ADDRESS) == bundle(ADDRESS)
    assert len({content["uuid"] for content in FILES.values() if "uuid" in content}) == len(FILES) - 1


@pytest.mark.parametrize("name", DATASETS)
def test_every_metric_is_a_count_or_a_sum_over_a_sum(name: str):
    for metric in DATASETS[name]["metrics"]:
        plain = GUARDED.fullmatch(metric["expression"])
        expression = plain.group(2) if plain else metric["expression"]
        share = SHARE.fullmatch(expression)
        assert share or COUNT.fullmatch(expression), f"{metric['metric_name']}: {expression}"
        if share:
            assert metric["metric_name"].endswith(("_rate", "_share"))
            assert metric["d3format"] == ".1%"
        assert metric["extra"]["certification"]["certified_by"]
        assert metric["description"].endswith(".")


def test_a_share_over_one_denominator_is_only_used_where_a_guard_keeps_it_one():
    for dataset in datasets().values():
        for name, metric in dataset.metrics.items():
            if "max(" in metric["expression"].removeprefix("case when") and "share_of_one" in described_metrics()[name]:
                assert metric["expression"].startswith("case when min(area) = max(area)")


@pytest.mark.parametrize("name", DATASETS)
def test_no_dataset_holds_a_rate_that_something_could_add_up(name: str):
    for column in DATASETS[name]["columns"]:
        assert not RATE.search(column["column_name"]), f"{name}: {column['column_name']} is a rate"
        is_number = column["type"].split("(")[0] in ("NUMERIC", "DOUBLE PRECISION", "REAL")
        assert not is_number, f"{name}: {column['column_name']} is no count, so it can be averaged"


def test_a_rate_that_is_shown_is_shown_as_words():
    rates = {column for (_, column) in published_columns() if RATE.search(column)}
    assert "absence_rate" in rates
    for dataset in datasets().values():
        outer = dataset.sql.split("\nfrom ")[0]
        for line in outer.splitlines()[1:]:
            if any(re.search(rf"\.{rate}\b", line) for rate in rates):
                assert "to_char(" in line, f"{dataset.name}: {line.strip()}"


def test_nothing_is_averaged_and_no_chart_makes_a_measure_of_its_own():
    for name, content in {**CHARTS, **DATASETS}.items():
        assert not re.search(r"\bavg\b|\bmedian\b|\bmean\b", json.dumps(content, default=str), re.IGNORECASE), name
    for name, chart in CHARTS.items():
        parameters = chart["params"]
        used = [parameters.get(key) for key in ("metric", "x", "y", "size", "timeseries_limit_metric")]
        for metric in [*used, *parameters.get("metrics", [])]:
            assert metric is None or isinstance(metric, str), f"{name} has a measure of its own"
        assert parameters.get("show_totals") in (None, False)
        assert all(condition["expressionType"] == "SIMPLE" for condition in parameters["adhoc_filters"])


@pytest.mark.parametrize("name", DATASETS)
def test_every_column_says_what_it_is_and_none_says_who_a_child_is(name: str):
    dataset = DATASETS[name]
    assert dataset["description"]
    for column in dataset["columns"]:
        assert column["description"], f"{name}: {column['column_name']}"
        assert not IDENTITY.search(column["column_name"])
    assert "identity." not in dataset["sql"]
    assert set(re.findall(r"\b(\w+)\.\w+ as \w+", dataset["sql"].split("\nfrom ", 1)[1])) <= {"serve"}


def test_a_dataset_of_several_periods_areas_or_topics_is_guarded():
    for dataset in datasets().values():
        for column in ("period", "dimension", "breakdown_topic", "measure", "case_status"):
            if column in dataset.columns and dataset.metrics:
                for name, metric in dataset.metrics.items():
                    assert f"min({column}) = max({column})" in metric["expression"], f"{dataset.name}.{name}"


@pytest.mark.parametrize("slug", dashboards())
def test_every_dashboard_says_what_it_rests_on_and_what_its_words_mean(slug: str):
    board = dashboards()[slug]
    assert len(board.about) > 100
    head = board.charts[0]
    assert head.dataset.name == "publication"
    assert {"as_known_on", "schools_in", "sessions_known", "not_in", "data"} <= set(head.columns)


@pytest.mark.parametrize("slug", dashboards())
def test_every_filter_reaches_the_charts_that_have_its_column(slug: str):
    board = dashboards()[slug]
    content = FILES[f"dashboards/{slug}.yaml"]["metadata"]
    assert content["cross_filters_enabled"]
    for said in content["native_filter_configuration"]:
        column = said["targets"][0]["column"]["name"]
        for number, chart in enumerate(board.charts, start=1):
            if column not in chart.dataset.columns:
                assert number in said["scope"]["excluded"]
        assert len(said["scope"]["excluded"]) + len(said["chartsInScope"]) == len(board.charts)


def test_a_period_is_always_one():
    for board in dashboards().values():
        for chart in board.charts:
            if "period" in chart.dataset.columns:
                chosen = any(said["column"] == "period" and said["single"] for said in board.filters)
                own = "period" in chart.by or len(chart.where.get("period", [])) == 1
                assert chosen or own, f"{board.slug}: {chart.title}"
                assert "period" not in chart.ignores or "period" in chart.by


def test_the_early_signal_is_never_shown_without_its_measured_quality():
    shown = 0
    for board in dashboards().values():
        used = {chart.dataset.name for chart in board.charts}
        if "early_signal" in used:
            shown += 1
            assert "early_signal_quality" in used
        for chart in board.charts:
            if chart.dataset.name == "early_signal" and chart.columns:
                assert {"became_persistent", "by_rate_alone"} <= set(chart.columns)
    assert shown


def test_the_five_lists_of_missing_education_are_never_added_up():
    expressions = [metric["expression"] for metric in DATASETS["datasets/warehouse/missing_lists.yaml"]["metrics"]]
    assert not any("+" in expression for expression in expressions)


def test_colours_are_those_of_the_analysis_function():
    for board in BOARDS.values():
        assert set(board["metadata"]["label_colors"].values()) <= set(CATEGORICAL)
        assert board["metadata"]["color_scheme"] == "analysisFunction"
    assert {chart["params"]["color_scheme"] for chart in CHARTS.values()} == {"analysisFunction"}


def test_the_connection_is_the_readers_and_may_do_nothing_but_read():
    connection = FILES["databases/warehouse.yaml"]
    assert connection["sqlalchemy_uri"] == ADDRESS
    forbidden = ("expose_in_sqllab", "allow_ctas", "allow_cvas", "allow_dml", "allow_file_upload", "allow_run_async")
    assert not any(connection[name] for name in forbidden)


def test_a_mistake_in_a_description_is_named():
    good = {"chart": "x", "type": "number", "dataset": "school_periods", "metrics": ["absence_rate"]}
    assert chart_of(good, "here").metrics == ["absence_rate"]
    for change, said in (
        ({"dataset": "nowhere"}, "no dataset nowhere"),
        ({"metrics": ["average_rate"]}, "no metric average_rate"),
        ({"type": "pie"}, "the types are"),
        ({"where": {"planet": 1}}, "no column planet"),
        ({"colour": "red"}, "nobody knows the keys"),
    ):
        with pytest.raises(DescriptionError, match=said):
            chart_of({**good, **change}, "here")


def test_the_lock_names_no_host_and_pins_every_package_with_hashes():
    text = (PROJECT_ROOT / "bi" / "requirements.lock").read_text(encoding="utf-8")
    assert "http" not in text
    packages = re.findall(r"^(\S+?)==(\S+)", text, re.MULTILINE)
    assert ("apache-superset", "6.1.0") in packages
    assert len(re.findall(r"--hash=sha256:", text)) >= len(packages)
    assert all(re.match(r"^(\S+==\S+( ;.*)? \\|    --hash=sha256:\w{64}( \\)?)$", line) for line in text.splitlines())
