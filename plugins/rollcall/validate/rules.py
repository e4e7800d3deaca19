"""The suites of ``expectations/*.yml`` and their run by Great Expectations: which rows break which rule."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt
import yaml

from rollcall.errors import SettingsError
from rollcall.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import pandas as pd

SUITES: Final = PROJECT_ROOT / "expectations"
NAMES: Final = ("pupils", "marks", "extract")
OnFail = Literal["quarantine", "hold", "clear", "report"]
ON_FAIL: Final = ("quarantine", "hold", "clear", "report")

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rule:
    """One demand; ``on_fail``: the row is quarantined, the extract held, the value cleared, or it is only reported."""

    id: str
    type: str
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning"]
    on_fail: OnFail
    why: str
    fault: str
    clears: str


@dataclass(frozen=True, eq=False)
class Suite:
    """The rules for one canonical table, in the order in which a broken row is given its reason."""

    name: str
    rules: tuple[Rule, ...]


@lru_cache
def load_suite(name: str, folder: Path = SUITES) -> Suite:
    """Read ``expectations/<name>.yml``; raises ``SettingsError`` where a rule is incomplete."""
    raw = yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
    rules = []
    for item in raw["rules"]:
        try:
            meta = item["meta"]
            rule = Rule(
                item["id"],
                item["type"],
                item["kwargs"],
                item["severity"],
                meta["on_fail"],
                meta["why"],
                meta.get("fault", meta["why"]),
                meta.get("clears", item["kwargs"]["column"]),
            )
        except KeyError as error:
            raise SettingsError(f"expectations/{name}.yml: a rule lacks {error}.") from error
        if rule.on_fail not in ON_FAIL or rule.severity not in ("critical", "warning"):
            raise SettingsError(f"expectations/{name}.yml: rule {rule.id} has an unknown severity or on_fail.")
        rules.append(rule)
    if len({rule.id for rule in rules}) != len(rules):
        raise SettingsError(f"expectations/{name}.yml names a rule twice.")
    return Suite(name, tuple(rules))


@lru_cache
def suite_version(folder: Path = SUITES) -> str:
    """First twelve digits of the sha256 over the suites: the version a verdict was given by."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update((folder / f"{name}.yml").read_bytes())
    return digest.hexdigest()[:12]


def great_expectations() -> Any:
    """The library, imported once, with telemetry off and its logger quiet."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx

    return gx


@lru_cache
def _batches() -> Any:
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return (
        context.data_sources.add_pandas("door").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
    )


def expectation_suite(suite: Suite) -> Any:
    """The suite as a ``gx.ExpectationSuite``."""
    return _suite_of(suite.name, suite.rules)


@lru_cache(maxsize=128)
def _suite_of(name: str, rules: tuple[Rule, ...]) -> Any:
    gx = great_expectations()
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    expectations = [
        ExpectationConfiguration(
            type=rule.type,
            kwargs=rule.kwargs,
            meta={"id": rule.id, "why": rule.why},
            severity=FailureSeverity(rule.severity),
        ).to_domain_obj()
        for rule in rules
    ]
    return gx.ExpectationSuite(name=name, expectations=expectations)


def run_suite(suite: Suite, frame: pd.DataFrame) -> dict[str, Rows]:
    """Positions of the rows of ``frame`` that break each rule; raises ``SettingsError`` where a rule cannot be run.

    Every rule judges a row by that row alone, so rows of several schools may stand in one frame.
    """
    broken = {rule.id: np.array([], dtype=np.int64) for rule in suite.rules}
    if frame.empty:
        return broken
    # the library reads every cell that it is given once for a fingerprint: only what the rules speak of
    asked = {rule.kwargs["column"] for rule in suite.rules}
    frame = frame[[name for name in frame.columns if name in asked]].reset_index(drop=True)
    batch = _batches().get_batch({"dataframe": frame})
    # which rules are broken costs half as much as by which rows, and most nights most rules are kept
    kept = _validate(batch, suite, "BOOLEAN_ONLY")
    rules = tuple(rule for rule in suite.rules if not kept[rule.id].success or "mostly" in rule.kwargs)
    found = _validate(batch, Suite(suite.name, rules), "COMPLETE") if rules else {}
    for rule_id, result in found.items():
        if "unexpected_index_list" not in result.result and not result.success:
            raise SettingsError(f"expectations/{suite.name}.yml: rule {rule_id} could not be run.")
        broken[rule_id] = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    return broken


def _validate(batch: Any, suite: Suite, result_format: str) -> dict[str, Any]:
    """Great Expectations' result for each rule, by the rule's id."""
    outcome = batch.validate(expectation_suite(suite), result_format={"result_format": result_format})
    return {cast(str, result.expectation_config.meta["id"]): result for result in outcome.results}
