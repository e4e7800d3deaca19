"""What the figures lack: schools not wholly in, and rows set aside; and what moved since the last edition."""

from __future__ import annotations

from typing import Final

from rollcall.report.disclosure import count_text, rounded_text
from rollcall.report.figures import CityFigures
from rollcall.report.page import Cell, Line, Part, Prose, Table, number, prose
from rollcall.report.parts.trend import settled_week
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text

_NOTES: Final = """
    select
        schools.school_name as school, coalesce(schools.dfe_phase, schools.phase) as phase, quality.status,
        coalesce(quality.reason, '') as reason, quality.urn,
        (
            select max(earlier.night) from serve.fct_data_quality as earlier
            where earlier.urn = quality.urn and earlier.status = 'in'
        ) as last_register
    from serve.fct_data_quality as quality
    inner join serve.dim_schools as schools on quality.urn = schools.urn
    where quality.night = %(night)s and quality.status <> 'in'
    order by 2, 1
"""
_SET_ASIDE: Final = """
    select schools.school_name as school, quality.urn, quality.rows_refused as rows, quality.rules_broken as rules
    from serve.fct_data_quality as quality
    inner join serve.dim_schools as schools on quality.urn = schools.urn
    where quality.night = %(night)s and quality.rows_refused > 0 and quality.status in ('in', 'late')
    order by 3 desc, 1
"""
_MOVED: Final = """
    select cause, measure, sum(change) as change, count(distinct urn) as schools
    from serve.fct_restatement
    where known_at = %(known_at)s and measure = any(%(measures)s)
    group by cause, measure
"""
_MEASURES: Final = ("sessions_possible", "sessions_absent")
_SETTLEMENT: Final = """
    select
        count(*) as schools,
        round(sum(late_changes_per_100000::numeric * sessions_watched) / nullif(sum(sessions_watched), 0))::integer
            as changes
    from serve.fct_settlement
    where is_own_history and late_changes_per_100000 is not null
"""
CAUSES: Final = {
    "new sessions": "New sessions: days since the last edition",
    "earlier night": "An earlier night was built again",
    "roll change": "Children whose enrolment was not known before",
    "late school": "Registers of schools that were not in then",
    "late mark": "Marks that came late",
    "withdrawn mark": "Marks withdrawn",
    "correction": "Corrections: the code is another one",
    "definition or code": "A changed definition, calendar or version",
}


def quality_part(reader: Reader, figures: CityFigures) -> Part:
    """The part: which schools are not in and why, and rows that broke a rule."""
    notes, aside = reader.rows(_NOTES), reader.rows(_SET_ASIDE)
    city = figures.city
    blocks: list[Prose | Table] = [
        prose(
            "On the last school day {came} of {due} schools were in; {known} % of the year’s expected sessions are known."
            " {settled} What did not arrive is unknown: neither present nor absent, and in"
            " no rate.",
            came=number(str(city.schools_in), "city.schools_in", "City"),
            due=number(str(city.schools_expected), "city.schools_expected", "City"),
            known=number(coverage_text(city.sessions_known, city.sessions_expected), "city.coverage_rate", "City"),
            settled=settled_text(figures),
        ),
        settlement_sentence(reader.rows(_SETTLEMENT)[0]),
    ]
    if notes:
        lines = [
            Line(note["school"], [note["phase"], note["status"], note["reason"], day_text(note["last_register"])])
            for note in notes
        ]
        blocks.append(
            Table(
                "out",
                "Schools not wholly in",
                f"Schools not wholly in, night of {day_text(reader.published.night)}",
                ["School", "Phase", "State", "Why", "Last whole register"],
                lines,
            )
        )
    if aside:
        lines = [
            Line(
                row["school"],
                [Cell(count_text(int(row["rows"])), "set_aside.rows", str(row["urn"])), row["rules"] or ""],
            )
            for row in aside
        ]
        blocks.append(
            Table(
                "aside",
                "Rows set aside",
                "Registers that are in, with rows that broke a rule and are set aside; each is known by file, line and"
                " rule, and none is lost.",
                ["School", "Rows set aside", "Rules broken"],
                lines,
            )
        )
    heading = (
        f"{len(notes)} {'school is' if len(notes) == 1 else 'schools are'} not wholly in the figures of this night"
        if notes
        else "Every school that was expected is in"
    )
    return Part("quality", "Schools not in", heading, blocks)


def settlement_sentence(row: Row) -> Prose:
    """How far figures usually still move after the first day, by the schools' own record."""
    if not row["schools"]:
        return prose("No school has been watched for long enough to say how far its figures usually still move.")
    return prose(
        "By the record of {schools} schools, {changes} of every 100,000 marks change their class after the first school"
        " day.",
        schools=number(f"{row['schools']:,}", "settlement.schools", "City"),
        changes=number(f"{row['changes']:,}", "settlement.changes", "City"),
    )


def settled_text(figures: CityFigures) -> str:
    """Up to which week the figures of all schools are settled."""
    settled = settled_week(figures.weeks)
    if settled is None:
        return "No week is settled at every school yet."
    return f"All schools’ figures are settled up to the week of {day_text(settled)} and provisional since."


def corrected_sessions(reader: Reader) -> int:
    """Absent sessions that moved since the last edition for any cause but new days, whichever way."""
    rows = reader.rows(_MOVED, measures=list(_MEASURES))
    return sum(
        abs(int(row["change"]))
        for row in rows
        if row["cause"] != "new sessions" and row["measure"] == "sessions_absent"
    )


def revisions_part(reader: Reader) -> Part:
    """The part: what moved since the last edition, by cause; the causes add up to the whole movement."""
    before = reader.published.night_before
    found = {(row["cause"], row["measure"]): row for row in reader.rows(_MOVED, measures=list(_MEASURES))}
    if before is None or not found:
        return Part("revisions", "Revisions", "No earlier edition to compare with")
    lines = []
    for cause, label in CAUSES.items():
        if any((cause, measure) in found for measure in _MEASURES):
            lines.append(Line(label, [_change(found, cause, measure) for measure in _MEASURES]))
    total = [
        Cell(
            rounded_text(sum(int(row["change"]) for (_, name), row in found.items() if name == measure)),
            f"revisions.{measure}",
            "all",
        )
        for measure in _MEASURES
    ]
    lines.append(Line("All causes", total))
    table = Table(
        "revisions",
        "What moved since the last edition",
        f"Change of the year to date since the set of {day_text(before)}, in sessions to the nearest 5, each rounded for"
        " itself: that of possible sessions, and of absent ones. Every moved session has one cause.",
        ["Cause", "Possible sessions", "Absent sessions"],
        lines,
    )
    corrected = rounded_text(corrected_sessions(reader))
    heading = f"Corrections and late marks moved {corrected} absent sessions since {day_text(before)}"
    return Part("revisions", "Revisions", heading, [table])


def _change(found: dict[tuple[str, str], dict[str, object]], cause: str, measure: str) -> Cell:
    row = found.get((cause, measure))
    change = int(str(row["change"])) if row else 0
    return Cell(rounded_text(change), f"revisions.{measure}", cause)
