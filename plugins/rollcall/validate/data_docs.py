"""Great Expectations' Data Docs of one night: rules and counts, and no value of a child.

Pages: one result per suite for the whole night, and one per suite and school where rows were quarantined or the
extract was held; remarks are counted in the whole night's result alone, so that a docs build stays cheap.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rollcall.extract import Extract
from rollcall.validate.results import read_rule_counts
from rollcall.validate.rules import NAMES, Suite, expectation_suite, great_expectations, load_suite

SITE: Final = "night"
WHOLE_CITY: Final = "whole city"


def build_data_docs(extracts: list[Extract], folder: Path) -> Path:
    """Build the docs of a night's validated extracts into ``folder`` and return its ``index.html``.

    Reads only the value-free counts beside each extract; the folder is replaced.
    """
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    for name in list(context.get_docs_sites_urls()):
        context.delete_data_docs_site(name["site_name"])
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(aside.resolve())},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    counts = [(extract, read_rule_counts(extract.landed_uri)["rules"]) for extract in extracts]
    night = max((extract.night for extract in extracts), default=None)
    for name in NAMES:
        suite = load_suite(name)
        context.suites.add(expectation_suite(suite))
        totals: dict[str, list[int]] = {rule.id: [0, 0] for rule in suite.rules}
        for extract, rules in counts:
            own = {row["rule"]: (row["rows"], row["rows_broken"]) for row in rules if row["suite"] == name}
            for rule_id, (rows, broken) in own.items():
                totals[rule_id][0] += rows
                totals[rule_id][1] += broken
            if any(own[rule.id][1] for rule in suite.rules if rule.severity == "critical"):
                _store(context, suite, f"school {extract.urn}", extract, own)
        if night is not None:
            _store(context, suite, WHOLE_CITY, extracts[0], {rule: (n[0], n[1]) for rule, n in totals.items()})
    context.build_data_docs(site_names=[SITE])
    shutil.rmtree(folder, ignore_errors=True)
    aside.replace(folder)
    return folder / "index.html"


def _store(context: Any, suite: Suite, batch: str, extract: Extract, counts: dict[str, tuple[int, int]]) -> None:
    """Put one result of counts into the context's store of validation results."""
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult, RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    results = []
    for rule, expectation in zip(suite.rules, expectation_suite(suite).expectations, strict=True):
        rows, broken = counts.get(rule.id, (0, 0))
        outcome = {
            "element_count": rows,
            "unexpected_count": broken,
            "unexpected_percent": 100 * broken / rows if rows else 0.0,
            "partial_unexpected_list": [],
        }
        results.append(
            ExpectationValidationResult(
                success=broken == 0,
                expectation_config=expectation.configuration,
                result=outcome,
                exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
            )
        )
    passed = sum(bool(result.success) for result in results)
    moment = datetime.combine(extract.night, datetime.min.time(), UTC)
    run = RunIdentifier(run_name=f"night {extract.night.isoformat()}", run_time=moment)
    value = ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name=suite.name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results),
        },
        meta={
            "run_id": run,
            "active_batch_definition": {
                "datasource_name": "door",
                "data_asset_name": batch,
                "batch_identifiers": {},
                "data_connector_name": "landed",
            },
        },
    )
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(suite.name), run_id=run, batch_identifier=batch
    )
    context.validation_results_store.set(key, value)
