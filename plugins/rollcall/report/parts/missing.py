"""Children who may be missing education: lists kept apart, and the questions that registers raise."""

from __future__ import annotations

from typing import Final

from rollcall.report.disclosure import ALL, CountTable, Protected, count_text, protect
from rollcall.report.page import Cell, Line, Part, Table, prose
from rollcall.report.reading import Reader
from rollcall.report.words import day_text

_LISTS: Final = {
    "cases_confirmed": (
        "Confirmed cases",
        "the council confirmed it: on no roll of the city, of compulsory school age, living here",
    ),
    "enquiries": (
        "Enquiries",
        "the council has opened a case and not confirmed it",
    ),
    "candidates": (
        "Candidates",
        "a register or a record raises the question; someone to look for, not a finding",
    ),
    "without_school_place": (
        "Without a school place",
        "on no roll, with an application that stands open or no application",
    ),
    "home_education": (
        "Home education",
        "the council knows of it; not missing education if suitable",
    ),
    "on_roll_not_attending": (
        "On a roll, not attending",
        "absent for ten school days or more: absent, never missing education",
    ),
}
RULES: Final = {
    "leaver_no_arrival": "Left a city school, no next school named and no arrival seen",
    "transfer_gap": "Left for a named school and has not arrived there",
    "deleted_20_day_ground": "Taken off the roll after 20 school days’ unexplained absence (ground i)",
    "off_roll_everywhere": "Known to the council, on no roll of the city ever, no case open",
    "application_without_place": "Without a school place: no application, or one that stands open",
    "offer_not_started": "Has a place, and the day of the start has passed",
    "ehe_ended_no_school": "Home education has ended, on no roll since",
    "ehe_unsuitable": "Home education assessed as unsuitable, on no roll",
    "no_show_starter": "On a new school’s roll, but has never attended (on a roll: not a candidate)",
    "leave_not_returned": "Granted leave has ended, has not come back (on a roll: not a candidate)",
}
_ALL: Final = """
    select * from serve.agg_missing_education where dimension = 'all'
"""
_RULES: Final = """
    select rule_name, count(distinct person_id) as children
    from serve.fct_cme_candidates
    where is_candidate or kind = 'on_roll'
    group by rule_name
"""


def missing_part(reader: Reader) -> Part:
    """The part: each list in a line of its own, without a total; then the rules that asked."""
    found = reader.rows(_ALL)
    counts = found[0] if found else {}
    rules = {row["rule_name"]: int(row["children"]) for row in reader.rows(_RULES)}
    candidates = int(counts.get("children_candidates", 0))
    shown = protect_rules(rules, candidates)
    lines = []
    for name, (label, meaning) in _LISTS.items():
        count = int(counts.get(f"children_{name}", 0))
        text = shown.count(ALL) if name == "candidates" else count_text(count)
        lines.append(Line(label, [Cell(text, f"missing.{name}", "all"), meaning]))
    night = day_text(reader.published.night)
    lists = Table(
        "missing",
        "Lists kept apart",
        f"Children, {night}. A child may stand on several lists: they are never added up.",
        ["List", "Children", "What it means"],
        lines,
    )
    asked = Table(
        "rules",
        "Questions by rule",
        f"Children by the rule that asks, {night}. One child may meet more than one rule.",
        ["Rule", "Children"],
        [
            Line(label, [Cell(shown.count(rule), "missing.rule", rule)])
            for rule, label in RULES.items()
            if rule in rules
        ],
        "The questions, by rule",
    )
    confirmed = count_text(int(counts.get("children_cases_confirmed", 0)))
    heading = f"{confirmed} confirmed cases of missing education, {shown.count(ALL)} candidates to look for"
    if "c" in (confirmed, shown.count(ALL)):
        heading = "Few children are known to be missing education"
    words = prose(
        "A register can only raise a question. A child on a school’s roll is never counted as missing education, however"
        " absent. These lists rest on registers and on the council’s own records, as known on the night; they have no rate,"
        " as nobody counts the children whom no list holds."
    )
    return Part("missing", "Missing education", heading, [words, lists, *([asked] if asked.lines else [])])


def protect_rules(rules: dict[str, int], candidates: int) -> Protected:
    """Counts by rule under disclosure.

    Rules about children on no roll overlap: what they add up to beyond the number of candidates is seen by nobody, but
    where it is nought the total would give a hidden rule away.
    """
    table = CountTable()
    asked = [rule for rule in rules if rule not in ("no_show_starter", "leave_not_returned")]
    for rule, count in rules.items():
        table.add(rule, count)
    table.add(ALL, candidates)
    overlap = sum(rules[rule] for rule in asked) - candidates
    if overlap >= 0:
        table.add("sum", candidates + overlap)
        table.add("overlap", overlap)
        table.add_sum("sum", asked)
        table.add_sum("sum", [ALL, "overlap"])
        table.unseen = {"sum", *(["overlap"] if overlap else [])}
        # nobody shows the overlap, so it is no small count to guard
        table.fixed = {"overlap"} if not overlap else set()
        table.unguarded = {"overlap", "sum"}
    return protect(table)
