"""Counts behind the page, asked of ``serve`` by queries of their own, where possible of finer tables."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

Query = Callable[[str], list[tuple[Any, ...]]]
STATISTICS = ("Primary", "Secondary", "Special")
IN_STATISTICS = "('Primary', 'Secondary', 'Special')"


class Served:
    """What the marts hold, by the keys of the page."""

    def __init__(self, query: Query) -> None:
        self.query = query

    @cached_property
    def phases(self) -> dict[str, tuple[int, ...]]:
        """Phase -> cohort, persistent, severe, sessions absent, possible, known, expected, schools in, expected."""
        rows = self.query(
            f"""
            select dfe_phase, sum(coalesce(dfe_enrolments, 0)), sum(coalesce(dfe_enrolments_persistently_absent, 0)),
                sum(coalesce(dfe_enrolments_severely_absent, 0)), sum(coalesce(dfe_sessions_absent, 0)),
                sum(coalesce(dfe_sessions_possible, 0)), sum(sessions_known), sum(sessions_expected)
            from serve.agg_school_absence where period_type = 'year' and dfe_phase in {IN_STATISTICS} group by 1
            """
        )
        schools = dict_of(
            self.query(
                "select dfe_phase, schools_in, schools_expected from serve.agg_phase_absence where period_type = 'year'"
            )
        )
        return {row[0]: (*map(int, row[1:]), *schools[row[0]]) for row in rows}

    @cached_property
    def total(self) -> tuple[int, ...]:
        """The same over the three phases."""
        return tuple(sum(column) for column in zip(*self.phases.values(), strict=True))

    @cached_property
    def others(self) -> dict[str, tuple[int, ...]]:
        """Phase outside DfE's statistics -> enrolments, persistent, severe, absent, possible, known, expected, schools."""
        rows = self.query(
            f"""
            select dfe_phase, enrolments, enrolments_persistently_absent, enrolments_severely_absent, sessions_absent,
                sessions_possible, sessions_known, sessions_expected, schools_in, schools_expected
            from serve.agg_phase_absence where period_type = 'year' and dfe_phase not in {IN_STATISTICS}
            """
        )
        return dict_of(rows)

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Dimension|group -> cohort, persistent, severe, absent, possible, known, expected, children; summed by school."""
        rows = self.query(
            """
            select dimension || '|' || group_name, sum(dfe_enrolments), sum(dfe_enrolments_persistently_absent),
                sum(dfe_enrolments_severely_absent), sum(sessions_absent), sum(sessions_possible),
                sum(sessions_expected - sessions_unknown), sum(sessions_expected), sum(enrolments), count(*)
            from serve.agg_group_absence
            where area_type = 'school' and period_type = 'year' and dimension not like '%×%' group by 1
            """
        )
        return {row[0]: tuple(map(int, row[1:])) for row in rows}

    @cached_property
    def schools(self) -> dict[str, tuple[str, int, int]]:
        """URN -> phase, DfE's cohort, of which persistent; of schools that have one."""
        rows = self.query(
            f"""
            select urn::text, dfe_phase, dfe_enrolments, dfe_enrolments_persistently_absent
            from serve.agg_school_absence
            where period_type = 'year' and dfe_phase in {IN_STATISTICS} and dfe_enrolments > 0
            """
        )
        return {urn: (phase, int(cohort), int(persistent)) for urn, phase, cohort, persistent in rows}

    def school(self, urn: str) -> tuple[str, int, float]:
        """A school's phase, children and rate."""
        phase, cohort, persistent = self.schools[urn]
        return phase, cohort, persistent / cohort

    def schools_of(self, phase: str) -> int:
        """How many schools of a phase have a child in DfE's cohort."""
        return sum(found == phase for found, _, _ in self.schools.values())

    def funnel_limits(self, phase: str, children: int, level: str) -> tuple[float, float]:
        """The limits of Spiegelhalter's funnel with additive random effects, written down once more with arrays."""
        sizes = np.array([cohort for found, cohort, _ in self.schools.values() if found == phase], dtype=float)
        parts = np.array([part for found, _, part in self.schools.values() if found == phase], dtype=float)
        mean = parts.sum() / sizes.sum()
        within = mean * (1 - mean) / sizes
        scores = np.sort((parts / sizes - mean) / np.sqrt(within))
        tail = min(int(np.ceil(len(scores) / 10)), (len(scores) - 1) // 2)
        pulled = np.clip(scores, scores[tail], scores[-1 - tail])
        weight = 1 / within
        excess = (pulled**2).sum() - (len(scores) - 1)
        between = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
        away = NormalDist().inv_cdf(0.5 + float(level) / 200) * (mean * (1 - mean) / children + between) ** 0.5
        return max(0.0, mean - away), min(1.0, mean + away)

    @cached_property
    def movers(self) -> dict[tuple[str, str], int]:
        """(into persistent ..., phase) -> children."""
        rows = self.query(
            """
            select coalesce(s.dfe_phase, 'not known'), m.band_before, m.band_now
            from serve.rpt_movers m left join serve.dim_schools s using (urn)
            """
        )
        found: dict[tuple[str, str], int] = defaultdict(int)
        high = ("persistent", "severe")
        for phase, before, now in rows:
            crossed = {
                "into_persistent": before not in high and now in high,
                "out_of_persistent": before in high and now not in high,
                "into_severe": now == "severe",
                "out_of_severe": before == "severe",
            }
            for name, is_so in crossed.items():
                for area in (phase, "All"):
                    found[name, area] += is_so
        return found

    @cached_property
    def reasons(self) -> dict[str, tuple[str, int, int]]:
        """Code -> category, sessions, children; summed from single enrolments."""
        rows = self.query(
            """
            select e.code, c.category, sum(e.sessions), count(distinct e.person_id)
            from serve.fct_enrolment_codes e inner join serve.dim_attendance_codes c using (code)
            where c.is_absence group by 1, 2
            """
        )
        return {code: (category, int(sessions), int(children)) for code, category, sessions, children in rows}

    @cached_property
    def rules(self) -> dict[str, int]:
        """Rule -> children."""
        rows = self.query(
            """
            select rule_name, count(distinct person_id) from serve.fct_cme_candidates
            where is_candidate or rule_name in ('no_show_starter', 'leave_not_returned') group by 1
            """
        )
        return {rule: int(children) for rule, children in rows}


def dict_of(rows: list[tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    """Rows by their first column."""
    return {row[0]: tuple(map(int, row[1:])) for row in rows}


def ethnic_groups() -> dict[str, str]:
    """Ethnicity -> major group, from the seed."""
    path = Path(__file__).parents[2] / "dbt_project" / "seeds" / "ethnic_groups.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["ethnicity_name"]: row["ethnic_group"] for row in csv.DictReader(file)}
