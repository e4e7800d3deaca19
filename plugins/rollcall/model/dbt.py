"""dbt in a process of its own: it builds and tests every model of a night."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, Final

from rollcall.city import City
from rollcall.errors import AuditFailed, TransientError
from rollcall.extract import Night
from rollcall.model.parsed import fingerprint, forget, parsed_before, remember
from rollcall.settings import PROJECT_ROOT, Settings

PROJECT: Final = PROJECT_ROOT / "dbt_project"


@dataclass(frozen=True)
class BuildResult:
    """What dbt did: models built, tests passed, warnings (as "name: message"), seconds."""

    models: int
    tests: int
    warnings: tuple[str, ...]
    seconds: float


def build_marts(
    settings: Settings, city: City, night: Night, *, full_refresh: bool = False, schema_suffix: str = ""
) -> BuildResult:
    """Build and test every model as at ``night``; nothing published is touched.

    ``schema_suffix`` sends every schema aside (an as-known rebuild). Raises ``AuditFailed`` naming the model or test
    that failed, and ``TransientError`` where the warehouse does not answer.
    """
    # unit tests prove the models' code, not a night's data: they run in the test suite; of an exposure nothing is built
    command = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"]
    results = run_dbt(settings, city, night, command, full_refresh=full_refresh, schema_suffix=schema_suffix)
    failed = [item for item in results["results"] if item["status"] in ("error", "fail")]
    if failed:
        names = "; ".join(f"{_name(item)}: {_first_line(item['message'])}" for item in failed[:5])
        raise AuditFailed(
            f"{len(failed)} dbt node(s) failed: {names}",
            next_action="Run the model or test named; yesterday's marts are still published.",
        )
    kinds = [item["unique_id"].split(".", 1)[0] for item in results["results"]]
    warned = [item for item in results["results"] if item["status"] == "warn"]
    return BuildResult(
        models=kinds.count("model"),
        tests=kinds.count("test") + kinds.count("unit_test"),
        warnings=tuple(f"{_name(item)}: {_first_line(item['message'])}" for item in warned),
        seconds=float(results["elapsed_time"]),
    )


def run_dbt(
    settings: Settings,
    city: City,
    night: Night,
    command: list[str],
    *,
    full_refresh: bool = False,
    schema_suffix: str = "",
) -> dict[str, Any]:
    """Run one dbt command with this city's policy and this night's knowledge; returns dbt's own run results."""
    work = settings.home / f"dbt{schema_suffix}"
    results, said = work / "target" / "run_results.json", work / "output.txt"
    results.unlink(missing_ok=True)
    full = ["--full-refresh"] if full_refresh else []
    code = invoke(settings, city, night, [*command, *full], schema_suffix=schema_suffix)
    if not results.exists():
        tail = said.read_text(encoding="utf-8", errors="replace").strip()[-1500:] if said.exists() else ""
        kind = (
            TransientError
            if "could not connect" in tail.lower() or "connection refused" in tail.lower()
            else AuditFailed
        )
        raise kind(f"dbt {command[0]} did not run (exit code {code}): {tail}")
    loaded: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return loaded


def invoke(settings: Settings, city: City, night: Night, command: list[str], *, schema_suffix: str = "") -> int | None:
    """Run one dbt command in a process of its own; returns its exit code. What it said lies in ``output.txt``."""
    process = _start(settings, city, night, command, schema_suffix)
    process.join()
    return process.exitcode


@contextmanager
def parsed_meanwhile(settings: Settings, city: City, night: Night) -> Iterator[None]:
    """Let dbt parse the project while something else goes on: the first build then finds it parsed.

    Where it cannot be parsed the build parses it again and says why.
    """
    process = _start(settings, city, night, ["parse"], "")
    yield
    process.join()


def _start(settings: Settings, city: City, night: Night, command: list[str], schema_suffix: str) -> ForkProcess:
    work = settings.home / f"dbt{schema_suffix}"
    work.mkdir(parents=True, exist_ok=True)
    variables = _variables(city, night, schema_suffix)
    arguments = [*command, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    arguments += ["--target-path", str(work / "target"), "--log-path", str(work / "logs")]
    # the SQL that ran lies in target/run: written into the log as well, it costs a tenth of dbt's own processor time;
    # what the log tells of each node is not said a second time, only what went wrong
    arguments += ["--log-level-file", "info", "--log-level", "error"]
    arguments += ["--vars", json.dumps(variables), "--no-use-colors"]
    # forked: a scheduler that has imported dbt pays for it once, and nothing of a run stays in the caller
    process = get_context("fork").Process(
        target=_invoke, args=(arguments, variables, _environment(settings), work), daemon=True
    )
    process.start()
    return process


def project_fingerprint(settings: Settings, city: City, night: Night) -> str:
    """The fingerprint of everything that dbt parses for this city: the same for every night of one policy."""
    return fingerprint(PROJECT, _variables(city, night, ""), _environment(settings))


def _invoke(arguments: list[str], variables: dict[str, str | int], environment: dict[str, str], work: Path) -> None:
    """In a process of its own: run dbt with the parsed project of an earlier night where it is still right."""
    with (work / "output.txt").open("wb") as said, Path(os.devnull).open("rb") as nothing:
        for stream, number in ((nothing, 0), (said, 1), (said, 2)):
            os.dup2(stream.fileno(), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    target = work / "target"
    print_of_now = fingerprint(PROJECT, variables, environment)
    manifest = parsed_before(target, print_of_now)
    if manifest is None:
        forget(target)
    # the manifest of the same parse lies there: to write it anew with this night's SQL costs more than its results
    is_written = manifest is not None and arguments[0] == "build" and (target / "manifest.json").exists()
    outcome = dbtRunner(manifest=manifest).invoke([*arguments, *(["--no-write-json"] if is_written else [])])
    if is_written and isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(target / "run_results.json"))
    if outcome.exception is not None:
        print(outcome.exception, flush=True)
    elif manifest is None:
        remember(target, print_of_now)
    sys.stdout.flush()


def _variables(city: City, night: Night, schema_suffix: str) -> dict[str, str | int]:
    values: dict[str, str | int] = {"as_at": str(night.date), "known_at": night.known_at.isoformat()}
    values["la_code"] = city.la_code
    # policy in whole numbers: every threshold of the city is a variable of the same name
    values |= {name: item["value"] for name, item in city.thresholds.items() if isinstance(item["value"], int)}
    if schema_suffix:
        values["schema_suffix"] = schema_suffix
    return values


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "ROLLCALL_PG_HOST": settings.warehouse_host or "127.0.0.1",
        "ROLLCALL_PG_PORT": str(settings.warehouse_port),
        "ROLLCALL_PG_DATABASE": settings.warehouse_database,
        # a model takes one processor of the server; more than eight wait for each other
        "ROLLCALL_DBT_THREADS": os.environ.get("ROLLCALL_DBT_THREADS") or str(min(max(os.cpu_count() or 2, 2), 8)),
        "DBT_ENV_SECRET_PG_PASSWORD": settings.secret("pg_transform"),
        "DO_NOT_TRACK": "1",
    }


def _name(item: dict[str, str]) -> str:
    return item["unique_id"].split(".")[2]


def _first_line(message: str | None) -> str:
    return (message or "").strip().splitlines()[0] if message else ""


def manifest_path(settings: Settings) -> Path:
    """Where dbt's manifest of the last build lies."""
    return settings.home / "dbt" / "target" / "manifest.json"
