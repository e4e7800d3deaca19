"""The Targeting Support Meeting's pack: one school, one term, what school and link officer need on the table."""

from __future__ import annotations

from datetime import date

from rollcall.city import City, Period, School
from rollcall.errors import ExportRefused
from rollcall.report.packs.pack import Pack, Sheet, counted, read_coverage
from rollcall.report.packs.tsm_children import children_sheets
from rollcall.report.packs.tsm_school import meeting_sheets, pattern_sheet, week_sheet
from rollcall.report.page import Part, Prose, prose
from rollcall.report.reading import Reader, Row
from rollcall.report.words import coverage_text, day_text

_TERM: str = """
    select sessions_absent, sessions_possible, sessions_known, sessions_expected, is_settled
    from serve.agg_school_absence
    where urn = %(urn)s and academic_year = %(year)s and period_type = 'term' and period_name = %(term)s
"""


def tsm_pack(reader: Reader, city: City, urn: int | None, term: str, year: str) -> Pack:
    """The pack of a school and term, as published.

    Weeks are those of the year up to the term's end; lists of children are of the published night. Raises
    ``ExportRefused`` for a year that is not published, or a term without a figure of the school.
    """
    if urn is None:
        raise ExportRefused("A meeting is one school's.", next_action="Give the school: --school URN.")
    school = city.schools[urn]
    period = _period(reader, city, term, year)
    rows = reader.rows(_TERM, urn=urn, term=term)
    if not rows or not rows[0]["sessions_possible"]:
        raise ExportRefused(
            f"{school.label} has no known session in the {term} term {period.academic_year}.",
            next_action="Choose a term that has begun; see `rollcall status` for the school.",
        )
    meetings, actions, earlier = meeting_sheets(reader, urn)
    weeks, patterns = week_sheet(reader, urn, period, school), pattern_sheet(reader, urn, school)
    lists = children_sheets(reader, urn)
    slug = f"{urn}-{period.academic_year.replace('/', '-')}-{term}"
    return Pack(
        "tsm",
        f"Targeting Support Meeting, {term} term {period.academic_year}",
        school.label,
        slug,
        "The head, the school's attendance lead and the link officer, for the meeting",
        reader.published,
        read_coverage(reader, [urn]),
        [actions, earlier, weeks, patterns, *lists],
        [_agenda(meetings, actions, earlier, lists, patterns)],
        _lead(school, rows[0], term, lists, actions, meetings),
    )


def _period(reader: Reader, city: City, term: str, year: str) -> Period:
    published = reader.published
    if year not in ("", published.academic_year):
        raise ExportRefused(
            f"The published set is of {published.academic_year}, not of {year}.",
            next_action="Leave --year out, or publish a night of that year.",
        )
    for period in city.periods:
        if period.academic_year == published.academic_year and period.period_type == "term" and period.name == term:
            return period
    raise ExportRefused(
        f"The city has no {term} term in {published.academic_year}.", next_action="See settings.yml of the city folder."
    )


def _lead(school: School, row: Row, term: str, lists: list[Sheet], actions: Sheet, meetings: list[Row]) -> list[Prose]:
    by_key = {sheet.key: len(sheet.rows) for sheet in lists}
    absence = f"{100 * row['sessions_absent'] / row['sessions_possible']:.1f}"
    done = sum(action["action_status"] == "done" for action in actions.rows)
    last = (
        prose(
            "At the last meeting, on {day}, {agreed} agreed: {done} done.",
            day=day_text(meetings[0]["meeting_date"]),
            agreed=counted(len(actions.rows), "action was", "actions were"),
            done=done,
        )
        if meetings
        else prose("No meeting of this school is known.")
    )
    services = f"Sold services: {school.sold_services}." if school.sold_services else "No sold service."
    return [
        prose(
            "In the {term} term {rate} % of possible sessions were missed ({absent} of {possible}; {known} % of expected"
            " sessions known, {settled}).",
            term=term,
            rate=absence,
            absent=f"{row['sessions_absent']:,}",
            possible=f"{row['sessions_possible']:,}",
            known=coverage_text(row["sessions_known"], row["sessions_expected"]),
            settled="settled" if row["is_settled"] else "still provisional",
        ),
        prose(
            "On the night {severe} severely absent and {persistent} more persistently; {near} within ten sessions of the"
            " threshold.",
            severe=counted(by_key["severe"], "child is", "children are"),
            persistent=by_key["persistent"],
            near=counted(by_key["near"], "child is", "children are"),
        ),
        last,
        prose(
            "Link officer: {officer}. {services} {kind}, {phase}.",
            "small",
            officer=school.link_officer or "none named",
            services=services,
            kind=school.type,
            phase=school.phase,
        ),
    ]


def _agenda(meetings: list[Row], actions: Sheet, earlier: Sheet, lists: list[Sheet], patterns: Sheet) -> Part:
    size = {sheet.key: len(sheet.rows) for sheet in [actions, earlier, *lists]}
    due: date | None = meetings[0]["next_due_date"] if meetings else None
    items = (
        f"1. Actions of last time ({size['actions']}) and older ones still open ({size['earlier']}).",
        "2. Whole-school attendance: the weeks beside the phase, coverage, what is provisional.",
        f"3. {patterns.heading}: what does the school do about it?",
        f"4. Severe absence, child by child ({size['severe']}).",
        f"5. Persistent absence ({size['persistent']}): who can recover this year?",
        f"6. Early help: close to the threshold ({size['near']}), early signal ({size['early']}).",
        f"7. Part-time timetables and their reviews ({size['part-time']}).",
        f"8. New actions, owners, days. Next meeting due by {day_text(due) if due else 'a day to be agreed'}.",
    )
    return Part("agenda", "Agenda", "Agenda", [prose("{item}", item=item) for item in items])
