"""The steps that write, on a scratch installation: a year, every mart, a night, one school's snapshot."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.floors import aggregate_floor, copy_floor
from benchmarks.measure import Figure, Memory, timed
from benchmarks.scratch import Scratch
from rollcall import nightly
from rollcall.city import load_city
from rollcall.cli import simulated
from rollcall.connectors.deliveries import DroppedFile, describe, read_control, recognise
from rollcall.extract import Night
from rollcall.land import land, list_extracts
from rollcall.load import Accepted, load_extract, read_rolls
from rollcall.runtime.installation import admin_dsn
from rollcall.validate import read_canonical, read_quarantine, read_verdict, read_withheld, validate
from rollcall.warehouse.connect import connect

HISTORY = Night(date(2026, 7, 7), datetime(2026, 7, 7, 19, 30, tzinfo=UTC))
NIGHT = Night(date(2026, 7, 8), datetime(2026, 7, 8, 19, 30, tzinfo=UTC))
LATER = Night(date(2026, 7, 9), datetime(2026, 7, 9, 19, 30, tzinfo=UTC))


def measure_loads(scratch: Scratch, memory: Memory, say: Callable[[str], None]) -> list[Figure]:
    """Every writing step in the order of an installation's life; the scratch ends with one night published."""
    figures = _year(scratch, memory, say)
    figures += _marts(scratch, memory, say)
    figures += _night(scratch, memory, say)
    say("one school's snapshot of its year")
    figures.append(_snapshot(scratch, memory))
    return figures


def _year(scratch: Scratch, memory: Memory, say: Callable[[str], None]) -> list[Figure]:
    say("a year of every school: land, validate, load")
    moments: dict[str, float] = {}
    began = time.perf_counter()

    def note(stage: str, done: int, total: int) -> None:
        if done == total:
            moments[stage] = time.perf_counter() - began

    with timed(memory) as whole:
        summary = nightly.load_history(HISTORY, progress=note)
    _require_all(summary, scratch.schools)
    say("floor: binary COPY of the same rows")
    floor = copy_floor(admin_dsn(scratch.settings, scratch.settings.warehouse_database), "register.mark_2025_current")
    name = f"a year into an empty register: {summary.marks_new:,} marks checked, loaded, keyed"
    # schools are loaded while others are still validated: the two overlap
    return [
        Figure(name, whole.seconds, 5, "45 s for 17 million", floor, times_floor=True, peak=whole.peak),
        Figure("- land", moments["land"]),
        Figure("- validate, and load meanwhile", moments["load"] - moments["land"], floor=floor),
        Figure("- key", whole.seconds - moments["load"], floor=floor),
    ]


def _marts(scratch: Scratch, memory: Memory, say: Callable[[str], None]) -> list[Figure]:
    say("every mart from nothing")
    with timed(memory) as clock:
        _publish(HISTORY, full_refresh=True)
    with timed(memory) as again:
        nightly.build(HISTORY, full_refresh=True)
    say("floor: DuckDB over the canonical files")
    floor = aggregate_floor(Path(scratch.settings.landing), len(os.sched_getaffinity(0)))
    return [
        Figure(
            "every mart rebuilt and tested, dbt's start included",
            again.seconds,
            10,
            "15 s",
            floor,
            times_floor=True,
            peak=again.peak,
        ),
        Figure("- the first time, with audit and publish", clock.seconds, floor=floor, peak=clock.peak),
    ]


def _night(scratch: Scratch, memory: Memory, say: Callable[[str], None]) -> list[Figure]:
    say("a night")
    simulated.evening(scratch.settings, NIGHT.date)
    with timed(memory) as collect:
        nightly.collect_all(scratch.settings, NIGHT, [], lambda stage, done, total: None)
    with timed(memory) as load:
        summary = nightly.validate_and_load(NIGHT)
    _require_all(summary, 0)
    with timed(memory) as model:
        _publish(NIGHT, full_refresh=False)
    with timed(memory) as report:
        nightly.write_reports()
    whole = collect.seconds + load.seconds + model.seconds + report.seconds
    moved = f"{summary.marks_new:,} new, {summary.marks_changed:,} changed marks, {summary.loaded} schools"
    return [
        Figure(f"a night without Airflow: {moved}", whole, 120, "45 s"),
        Figure("- ask every school, land", collect.seconds, peak=collect.peak),
        Figure("- validate and load", load.seconds, peak=load.peak),
        Figure("- incremental marts, audit, publish", model.seconds, 30, "12 s", peak=model.peak),
        Figure("- city report", report.seconds, peak=report.peak),
    ]


def _require_all(summary: nightly.NightSummary, schools: int) -> None:
    """A clean city must load wholly: a figure of half the work would flatter."""
    if summary.held or summary.failed or summary.loaded < schools:
        raise RuntimeError(f"{summary.loaded} loaded, {summary.held} held, {summary.failed} failed")


def _publish(night: Night, *, full_refresh: bool) -> None:
    nightly.build(night, full_refresh=full_refresh)
    nightly.publish(night, nightly.audit(night)["figures"])


def _snapshot(scratch: Scratch, memory: Memory) -> Figure:
    """The largest school sends its year again with twenty marks changed; a small one goes first to import libraries.

    What the school writes is written before the clock runs: timed are landing, the roll, checking, comparing, loading.
    """
    extracts = [extract for extract in list_extracts(scratch.settings.landing, HISTORY.date)]
    by_size = sorted(extracts, key=lambda extract: sum(file.bytes for file in extract.files))
    with tempfile.TemporaryDirectory() as name:
        small, large = by_size[0], by_size[-1]
        first = _changed_copy(Path(small.landed_uri) / "raw", Path(name) / "small")
        folder = _changed_copy(Path(large.landed_uri) / "raw", Path(name) / "large")
        _send_again(scratch, small.urn, first)
        with timed(memory) as clock:
            marks = _send_again(scratch, large.urn, folder)
    return Figure(
        f"one school's year as a snapshot: {marks:,} marks landed, checked, compared, loaded",
        clock.seconds,
        2,
        "0.5 s",
        peak=clock.peak,
    )


def _send_again(scratch: Scratch, urn: int, folder: Path) -> int:
    settings, city = scratch.settings, load_city(scratch.settings.city_folder)
    files = [DroppedFile(path.name, path.stat().st_size, path.stat().st_mtime) for path in folder.iterdir()]
    dropped = recognise(str(folder), files)
    if dropped is None:
        raise RuntimeError("the history is no delivery of the register template")
    landed = land(settings.landing, city.schools[urn], LATER, describe(dropped, folder, read_control(folder)))
    with connect(settings, "loader") as connection:
        roll = read_rolls(connection, [urn])[urn]
    verdict = validate(landed, city, roll)
    uri = landed.landed_uri
    with connect(settings, "loader") as connection:
        known_from = replace(landed, known_at=LATER.known_at)
        parts: tuple[Any, ...] = (*read_canonical(uri), read_quarantine(uri), *read_withheld(uri))
        result = load_extract(connection, city, Accepted(known_from, read_verdict(uri), *parts))
    if result.status != "loaded" or not result.difference.changed:
        raise RuntimeError(f"the snapshot was {result.status}: {result.reason or 'nothing changed'}")
    return verdict.marks_in


def _changed_copy(raw: Path, folder: Path) -> Path:
    """What the school would send: its files with twenty marks changed."""
    shutil.copytree(raw, folder)
    marks, control = folder / "marks.csv", folder / "control.json"
    head, rest = marks.read_text(encoding="utf-8").split("\n", 1)
    code = head.split(",").index("code")
    lines = rest.split("\n")
    changed = 0
    for number, line in enumerate(lines):
        fields = line.split(",")
        if changed < 20 and len(fields) > code and fields[code] in ("/", "\\"):
            fields[code] = "I"
            lines[number] = ",".join(fields)
            changed += 1
    marks.write_text("\n".join([head, *lines]), encoding="utf-8")
    stated = json.loads(control.read_text(encoding="utf-8"))
    taken = LATER.known_at - timedelta(hours=2)
    control.write_text(json.dumps(stated | {"taken_at": taken.isoformat()}), encoding="utf-8")
    return folder
