"""What the page must say, asked of ``serve`` by queries of its own, where possible of finer tables than the page reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from tests.report.numbers import Count, Rate, Rounded, Words, coverage, text_of
from tests.report.published import published_reasons
from tests.report.served import IN_STATISTICS, STATISTICS, Served


class Expected(Served):
    """Every number that the page may show, by measure and key."""

    @cached_property
    def numbers(self) -> dict[tuple[str, str], Count | Rounded | Rate | Words]:
        """All of them."""
        found: dict[tuple[str, str], Count | Rounded | Rate | Words] = {}
        parts = (
            self._statistics, self._city, self._weeks, self._others, self._groups, self._schools, self._published,
            self._movers, self._reasons, self._missing, self._quality, self._settlement, self._revisions,
        )  # fmt: skip
        for part in parts:
            for measure, key, number in part():
                assert (measure, key) not in found, (measure, key)
                found[measure, key] = number
        return found

    def _statistics(self) -> Iterator[tuple[str, str, Any]]:
        for key, row in {**self.phases, "statistics": self.total}.items():
            cohort, persistent, severe, absent, possible, known, expected, came, due = row
            yield "phases.cohort", key, Count(cohort)
            yield "phases.persistent", key, Count(persistent)
            yield "phases.severe", key, Count(severe)
            yield "phases.persistent_rate", key, Rate(persistent, cohort)
            yield "phases.severe_rate", key, Rate(severe, cohort)
            yield "phases.schools_in", key, Words(f"{came} of {due}")
            yield "phases.coverage_rate", key, coverage(known, expected)
            if key == "statistics":
                yield "headline.absence_rate", key, Rate(absent, possible)
                yield "headline.sessions_absent", key, Count(absent)
                yield "headline.sessions_possible", key, Count(possible)
                yield "headline.cohort", key, Count(cohort)
                yield "headline.persistent", key, Count(persistent)
                yield "headline.persistent_rate", key, Rate(persistent, cohort)
                yield "headline.severe", key, Count(severe)
                yield "headline.severe_rate", key, Rate(severe, cohort)

    def _city(self) -> Iterator[tuple[str, str, Any]]:
        known, expected = self.query(
            "select sum(sessions_known), sum(sessions_expected) from serve.agg_school_absence where period_type = 'year'"
        )[0]
        came, due = self.query(
            "select sum(schools_in), sum(schools_expected) from serve.agg_phase_absence where period_type = 'year'"
        )[0]
        yield "city.coverage_rate", "City", coverage(known, expected)
        yield "city.schools_in", "City", Count(came)
        yield "city.schools_expected", "City", Count(due)

    def _weeks(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query(
            """
            select period_name, sum(sessions_absent), sum(sessions_authorised), sum(sessions_unauthorised),
                sum(sessions_possible), sum(sessions_known), sum(sessions_expected), sum(schools_settled),
                sum(schools_expected)
            from serve.agg_phase_absence where period_type = 'week' group by 1 having sum(sessions_possible) > 0
            order by 1
            """
        )
        self.week_rates = [Decimal(100) * row[1] / row[4] for row in rows]
        for key, absent, authorised, unauthorised, possible, known, expected, settled, due in rows:
            yield "weeks.absence_rate", key, Rate(absent, possible)
            yield "weeks.authorised_rate", key, Rate(authorised, possible)
            yield "weeks.unauthorised_rate", key, Rate(unauthorised, possible)
            yield "weeks.sessions_possible", key, Count(possible)
            yield "weeks.coverage_rate", key, coverage(known, expected)
            yield "weeks.schools_settled", key, Count(settled)
            yield "weeks.schools_expected", key, Count(due)
        steps = sorted(abs(b - a) for a, b in zip(self.week_rates[:-1], self.week_rates[1:-1], strict=False))
        middle = (steps[(len(steps) - 1) // 2] + steps[len(steps) // 2]) / 2
        change = abs(self.week_rates[-1] - self.week_rates[-2])
        yield "movement.change", "City", Words(f"{float(change):.1f}")
        yield "movement.usual", "City", Words(f"{float(middle) * 1.4826:.1f}")

    def _others(self) -> Iterator[tuple[str, str, Any]]:
        for key, row in self.others.items():
            enrolments, persistent, severe, absent, possible, known, expected, came, due = row
            yield "others.enrolments", key, Count(enrolments)
            yield "others.absence_rate", key, Rate(absent, possible)
            yield "others.persistent", key, Count(persistent)
            yield "others.persistent_rate", key, Rate(persistent, enrolments)
            yield "others.severe", key, Count(severe)
            yield "others.severe_rate", key, Rate(severe, enrolments)
            yield "phases.schools_in", key, Words(f"{came} of {due}")
            yield "phases.coverage_rate", key, coverage(known, expected)

    def _groups(self) -> Iterator[tuple[str, str, Any]]:
        for key, row in self.groups.items():
            cohort, persistent, severe, absent, possible, known, expected, _children, _schools = row
            yield "groups.cohort", key, Count(cohort)
            yield "groups.persistent", key, Count(persistent)
            yield "groups.persistent_rate", key, Rate(persistent, cohort)
            yield "groups.severe", key, Count(severe)
            yield "groups.severe_rate", key, Rate(severe, cohort)
            yield "groups.absence_rate", key, Rate(absent, possible)
            yield "groups.coverage_rate", key, coverage(known, expected)

    def _schools(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query(
            f"""
            select urn::text, dfe_phase, dfe_enrolments, dfe_enrolments_persistently_absent, sessions_known,
                sessions_expected
            from serve.agg_school_absence
            where period_type = 'year' and dfe_phase in {IN_STATISTICS} and dfe_enrolments > 0
            """
        )
        for key, _, cohort, persistent, known, expected in rows:
            yield "schools.cohort", key, Count(cohort)
            yield "schools.persistent", key, Count(persistent)
            yield "schools.persistent_rate", key, Rate(persistent, cohort)
            yield "schools.coverage_rate", key, coverage(known, expected)
        for phase in STATISTICS:
            known = sum(row[4] for row in rows if row[1] == phase)
            yield "positions.coverage_rate", phase, coverage(known, sum(row[5] for row in rows if row[1] == phase))

    def _published(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query("select area, dfe_phase, measure, value_pct from serve.dim_dfe_benchmarks")
        ours = {"overall": 3, "persistent": 1, "severe": 2}
        for area, phase, measure, value in rows:
            shown = Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
            yield f"published.{measure}", f"{area}|{phase}", Words(str(shown))
            if phase == "Total" and measure in ours:
                part, whole = self.total[ours[measure]], self.total[4 if measure == "overall" else 0]
                difference = Decimal(text_of(Rate(part, whole))) - shown
                sign = "+" if difference > 0 else "−" if difference < 0 else ""
                yield f"difference.published.{measure}", f"{area}|{phase}", Words(f"{sign}{abs(difference)}")

    def _movers(self) -> Iterator[tuple[str, str, Any]]:
        for (name, phase), children in self.movers.items():
            yield f"movers.{name}", phase, Count(children)

    def _reasons(self) -> Iterator[tuple[str, str, Any]]:
        possible = int(
            self.query("select sum(sessions_possible) from serve.agg_school_absence where period_type = 'year'")[0][0]
        )
        sums: dict[str, int] = defaultdict(int)
        for area, (whole, parts) in published_reasons().items():
            for key in {*self.reasons, *(category for category, _, _ in self.reasons.values())}:
                codes = [code for code, row in self.reasons.items() if key in (code, row[0]) and code in parts]
                shown = text_of(Rate(sum(parts[code] for code in codes), whole, per=1000)) if codes else "x"
                yield "published.reasons_per_1000", f"{area}|{key}", Words(shown)
        for code, (category, sessions, _) in self.reasons.items():
            yield "reasons.sessions", code, Count(sessions)
            yield "reasons.per_1000", code, Rate(sessions, possible, per=1000)
            sums[category] += sessions
        for category, sessions in sums.items():
            yield "reasons.sessions", category, Count(sessions)
            yield "reasons.per_1000", category, Rate(sessions, possible, per=1000)

    def _missing(self) -> Iterator[tuple[str, str, Any]]:
        lists = {
            "cases_confirmed": "fct_cme_cases where is_missing_education",
            "enquiries": "fct_cme_cases where is_open and case_status = 'enquiry'",
            "candidates": "fct_cme_candidates where is_candidate",
            "without_school_place": "fct_without_school_place where not is_cross_border",
            "home_education": (
                "fct_home_education where is_open and is_compulsory_age and not is_on_roll and not is_cross_border"
            ),
        }
        for name, query in lists.items():
            yield (
                f"missing.{name}",
                "all",
                Count(self.query(f"select count(distinct person_id) from serve.{query}")[0][0]),
            )
        # compulsory age is not in the served list: the aggregate by sex is another path to the same children
        away = self.query(
            "select sum(children_on_roll_not_attending) from serve.agg_missing_education where dimension = 'sex'"
        )
        yield "missing.on_roll_not_attending", "all", Count(int(away[0][0] or 0))
        for rule, children in self.rules.items():
            yield "missing.rule", rule, Count(children)

    def _quality(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query(
            """
            select urn::text, rows_refused from serve.fct_data_quality
            where night = (select night from serve.publication) and rows_refused > 0
            """
        )
        for urn, refused in rows:
            yield "set_aside.rows", urn, Count(refused)

    def _settlement(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query(
            "select sessions_watched, late_changes_per_100000 from serve.fct_settlement where late_changes_per_100000 >= 0"
        )
        if rows:
            mean = Decimal(sum(watched * changes for watched, changes in rows)) / sum(watched for watched, _ in rows)
            yield "settlement.schools", "City", Count(len(rows))
            yield "settlement.changes", "City", Count(int(mean.quantize(Decimal(1), ROUND_HALF_UP)))

    def _revisions(self) -> Iterator[tuple[str, str, Any]]:
        rows = self.query(
            """
            select measure, cause, sum(change) from serve.fct_restatement
            where known_at = (select known_at from serve.publication)
                and measure in ('sessions_possible', 'sessions_absent') group by 1, 2
            """
        )
        found = {(measure, cause): int(change) for measure, cause, change in rows}
        for measure in ("sessions_possible", "sessions_absent"):
            for cause in {cause for _, cause in found}:
                yield f"revisions.{measure}", cause, Rounded(found.get((measure, cause), 0))
            total = sum(change for (name, _), change in found.items() if name == measure)
            yield f"revisions.{measure}", "all", Rounded(total)
        moved = [
            abs(n) for (measure, cause), n in found.items() if measure == "sessions_absent" and cause != "new sessions"
        ]
        yield "revisions.corrected", "all", Rounded(sum(moved))
