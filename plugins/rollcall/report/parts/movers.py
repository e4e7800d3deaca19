"""Movers: children who crossed a threshold since the set published before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rollcall.report.disclosure import ALL, CountTable, Protected, protect
from rollcall.report.figures import PHASES
from rollcall.report.page import Cell, Line, Part, Table, prose
from rollcall.report.reading import Reader
from rollcall.report.words import day_text

COLUMNS: Final = ("into persistent", "out of persistent", "into severe", "out of severe")
_MOVERS: Final = """
    select
        coalesce(schools.dfe_phase, 'not known') as phase,
        count(*) filter (where movers.is_into_persistent) as "into persistent",
        count(*) filter (where movers.is_out_of_persistent) as "out of persistent",
        count(*) filter (where movers.is_into_severe) as "into severe",
        count(*) filter (where movers.is_out_of_severe) as "out of severe"
    from serve.rpt_movers as movers
    left join serve.dim_schools as schools on movers.urn = schools.urn
    group by 1
"""
_SCHOOLS: Final = """
    select dfe_phase as phase, count(*) as schools from serve.dim_schools where dfe_phase is not null group by 1
"""


@dataclass(frozen=True)
class Movers:
    """Counts of children by phase of their school, under disclosure; and the city's unrounded ones for rules."""

    shown: Protected
    phases: tuple[str, ...]
    into_persistent: int
    out_of_persistent: int


def read_movers(reader: Reader) -> Movers:
    """Read who moved, by phase."""
    found = {row["phase"]: row for row in reader.rows(_MOVERS)}
    schools = {row["phase"]: int(row["schools"]) for row in reader.rows(_SCHOOLS)}
    phases = tuple(name for name in (*PHASES, "not known") if name in found)
    table = CountTable()
    for column in COLUMNS:
        for phase in phases:
            table.add((phase, column), int(found[phase][column]))
            if schools.get(phase) == 1:
                table.sensitive.add((phase, column))
                table.maybe_nought.add((phase, column))
        table.add((ALL, column), sum(int(found[phase][column]) for phase in phases))
        table.add_sum((ALL, column), [(phase, column) for phase in phases])
    # what went in less what went out is the movement of a count that two editions show
    for kind in ("persistent", "severe"):
        _know_the_difference(table, f"into {kind}", f"out of {kind}", kind)
    return Movers(protect(table), phases, table.counts[ALL, "into persistent"], table.counts[ALL, "out of persistent"])


def _know_the_difference(table: CountTable, into: str, out: str, kind: str) -> None:
    more, fewer = (into, out) if table.counts[ALL, into] >= table.counts[ALL, out] else (out, into)
    net = ("net", kind)
    table.add(net, table.counts[ALL, more] - table.counts[ALL, fewer])
    table.fixed.add(net)
    table.add_sum((ALL, more), [(ALL, fewer), net])


def movers_part(reader: Reader, movers: Movers) -> Part:
    """The part: who crossed a threshold, by phase."""
    before = reader.published.night_before
    if before is None:
        return Part("movers", "Movers", "No earlier set to compare with", [prose("This is the first published set.")])
    shown = movers.shown
    lines = [
        Line(
            "All children" if phase == ALL else phase,
            [Cell(shown.count(phase, column), f"movers.{column.replace(' ', '_')}", phase) for column in COLUMNS],
        )
        for phase in (*movers.phases, ALL)
    ]
    table = Table(
        "movers",
        "Children who crossed a threshold",
        f"Children, each once, by phase of their school, whose year to date crossed a threshold between the set of"
        f" {day_text(before)} and this one.",
        ["Phase", "Into persistent", "Out of persistent", "Into severe", "Out of severe"],
        lines,
    )
    into, out = shown.count(ALL, "into persistent"), shown.count(ALL, "out of persistent")
    heading = f"{into} children became persistently absent and {out} no longer are"
    if "c" in (into, out):
        heading = "Few children crossed a threshold since the last edition"
    return Part("movers", "Movers", heading, [table])
