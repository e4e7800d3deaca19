"""The feeds of the council, version 1: their columns, types, code sets and keys, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from rollcall.council.code_sets import ACTIONS, CME_REASONS, GROUNDS, PLAN_REASONS, ROLES

Kind = Literal["text", "date", "code", "codes", "yes_no", "whole", "school", "urn", "authority", "reference", "parent"]
VERSION: Final = 1


@dataclass(frozen=True)
class Column:
    """One column of a feed: ``values`` is the code set of a ``code`` or ``codes`` column.

    Kinds: ``school`` is the URN of a school of the city, ``urn`` any school's; ``authority`` a three-figure code;
    ``reference`` the council's key of a record; ``parent`` the council's key of a parent, kept in ``identity`` only.
    """

    name: str
    kind: Kind
    meaning: str
    needed: bool = False
    values: tuple[str, ...] = ()

    @property
    def stored(self) -> str:
        """The name of the column in schema ``city``: a parent's key becomes a surrogate."""
        return "parent_id" if self.kind == "parent" else self.name


@dataclass(frozen=True)
class Feed:
    """One feed: what a row is, its table in schema ``city``, whether it names a child, its key and its columns.

    ``child`` is ``needed``, ``optional`` or ``none``; ``key`` names the stored columns that make a row unique, with
    ``council_child_id`` for the child.
    """

    name: str
    table: str
    row: str
    child: Literal["needed", "optional", "none"]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def stated(self) -> list[str]:
        """Every column that the file may have."""
        return [column.name for column in (*(CHILD if self.child != "none" else ()), *self.columns)]

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        return tuple(column.name for column in self.columns if column.needed)

    @property
    def values(self) -> list[str]:
        """The stored columns outside the key."""
        child = ["council_child_id"] if self.child != "none" else []
        return [name for name in (*child, *[column.stored for column in self.columns]) if name not in self.key]


CHILD: Final = (
    Column("la_child_id", "text", "the council's own key of the child"),
    Column("upn", "text", "unique pupil number, proved by its check letter"),
    Column("former_upn", "text", "the number before"),
    Column("surname", "text", "legal surname"),
    Column("forename", "text", "legal forename"),
    Column("date_of_birth", "date", "date of birth"),
)
"""How a feed names a child: any of the three numbers, or names with the date of birth."""

FEEDS: Final = {
    feed.name: feed
    for feed in (
        Feed(
            "children", "child", "a child that the council knows of", "needed", ("council_child_id",),
            (
                Column("home_la", "authority", "authority where the child lives", True),
                Column("lsoa_code", "text", "lower layer super output area (2021) of the home"),
                Column("ward_code", "text", "electoral ward (2024) of the home"),
                Column("sex", "code", "sex", values=("F", "M", "U")),
                Column("known_since", "date", "day on which the council came to know of the child"),
            ),
        ),
        Feed(
            "social_care", "social_care", "a child's stay on one status", "needed",
            ("council_child_id", "status", "start_date"),
            (
                Column("status", "code", "child in need, child protection plan, looked after, or team around the family",
                       True, ("cin", "cp", "lac", "taf")),
                Column("start_date", "date", "first day of the status", True),
                Column("end_date", "date", "last day; empty while it lasts"),
                Column("responsible_la", "authority", "authority that holds the case, where it is another"),
                Column("home_la", "authority", "authority where the child lives, where it is another"),
                Column("social_worker", "reference", "code of the social worker, never a name"),
                Column("team", "text", "code of the team, without blanks"),
                Column("next_meeting_date", "date", "next review, conference or team meeting"),
                Column("last_contact_date", "date", "last day the child was seen"),
            ),
        ),
        Feed(
            "plans", "plan", "an agreed part-time timetable, or a granted leave of absence", "needed",
            ("council_child_id", "urn", "plan", "start_date"),
            (
                Column("urn", "school", "school that agreed it", True),
                Column("plan", "code", "part-time timetable or leave of absence", True, ("part_time", "leave")),
                Column("start_date", "date", "first day", True),
                Column("expected_end_date", "date", "last day as agreed"),
                Column("actual_end_date", "date", "last day as it was"),
                Column("weekly_sessions", "whole", "sessions a week that the child attends (part-time)"),
                Column("review_date", "date", "next review"),
                Column("is_parent_agreed", "yes_no", "whether a parent agreed"),
                Column("reason", "code", "why", values=PLAN_REASONS),
            ),
        ),
        Feed(
            "home_education", "home_education", "a child's spell of elective home education", "needed",
            ("council_child_id", "start_date"),
            (
                Column("notified_date", "date", "day on which the parent's notice reached the council"),
                Column("start_date", "date", "first day of home education", True),
                Column("end_date", "date", "last day; empty while it lasts"),
                Column("suitability", "code", "the council's assessment", True, ("suitable", "unsuitable", "not_yet")),
                Column("assessed_date", "date", "day of that assessment"),
                Column("last_school_urn", "urn", "last school"),
            ),
        ),
        Feed(
            "admissions", "admission", "an application for a school place, or a child for whom none was made", "needed",
            ("reference",),
            (
                Column("reference", "reference", "the council's key of the application", True),
                Column("admission_round", "code", "normal round or in-year", True,
                       ("in_year", "normal_on_time", "normal_late")),
                Column("applied_date", "date", "day of the application; empty where none was made"),
                Column("preferred_urn", "urn", "first preference"),
                Column("offered_urn", "urn", "school offered"),
                Column("offered_date", "date", "day of the offer"),
                Column("accepted_date", "date", "day on which the parent accepted"),
                Column("expected_start_date", "date", "day on which the child is to start"),
                Column("outcome", "code", "how it stands", True,
                       ("no_application", "pending", "offered", "accepted", "started", "refused", "withdrawn")),
                Column("withdrawn_date", "date", "day on which it was withdrawn"),
            ),
        ),
        Feed(
            "cme_cases", "cme_case", "a case of a child missing education, or an enquiry into one", "needed",
            ("case_reference",),
            (
                Column("case_reference", "reference", "the council's key of the case", True),
                Column("opened_date", "date", "day on which the case was opened", True),
                Column("missing_since", "date", "day from which the child counts as missing, by the start rule"),
                Column("start_rule", "code", "which day that is", True,
                       ("last_attended", "deletion", "referral", "expected_start", "moved_in", "compulsory_age")),
                Column("status", "code", "enquiry, or confirmed as missing education", True, ("enquiry", "confirmed")),
                Column("confirmed_date", "date", "day on which it was confirmed"),
                Column("cme_reason", "code", "primary reason of DfE's collection", values=CME_REASONS),
                Column("last_school_urn", "urn", "last known school"),
                Column("is_whereabouts_known", "yes_no", "whether the council knows where the child is"),
                Column("closed_date", "date", "day on which it was closed"),
                Column("outcome", "code", "how it was closed",
                       values=("on_roll", "home_education", "other_la", "abroad", "not_missing", "over_age", "other")),
            ),
        ),
        Feed(
            "school_returns", "school_return", "a return that a school made to the council", "needed",
            ("council_child_id", "urn", "return_type", "event_date"),
            (
                Column("urn", "school", "school that made it", True),
                Column("return_type", "code", "which return", True,
                       ("new_pupil", "deletion", "attendance", "sickness")),
                Column("event_date", "date", "entry, deletion, or first day of the absence", True),
                Column("returned_date", "date", "day on which the council had it", True),
                Column("removal_ground", "code", "ground for deletion, letter of regulation 9(1)", values=GROUNDS),
                Column("destination_urn", "urn", "future school, where the return names one"),
            ),
        ),
        Feed(
            "legal", "legal_measure", "a penalty notice or another measure", "needed", ("reference",),
            (
                Column("reference", "reference", "the council's key of the measure", True),
                Column("parent_key", "parent", "the council's key of the parent, never a name"),
                Column("urn", "school", "school whose register it rests on"),
                Column("measure", "code", "which measure", True,
                       ("notice_to_improve", "penalty_notice", "attendance_contract", "parenting_order",
                        "education_supervision_order", "school_attendance_order", "prosecution")),
                Column("issued_date", "date", "day of issue", True),
                Column("period_first_date", "date", "first day of the absence it is about"),
                Column("period_last_date", "date", "last day of that absence"),
                Column("sessions", "whole", "sessions of unauthorised absence it is about"),
                Column("paid_date", "date", "day of payment"),
                Column("withdrawn_date", "date", "day on which it was withdrawn"),
                Column("prosecuted_date", "date", "day on which a prosecution followed"),
            ),
        ),
        Feed(
            "meetings", "meeting", "a targeting support meeting at one school", "none", ("urn", "meeting_date"),
            (
                Column("urn", "school", "school", True),
                Column("meeting_date", "date", "day of the meeting", True),
                Column("term", "code", "term that it belongs to", values=("autumn", "spring", "summer")),
                Column("attendees", "codes", "roles that took part, parted by blanks", values=ROLES),
                Column("next_due_date", "date", "day by which the next one is due"),
            ),
        ),
        Feed(
            "meeting_actions", "meeting_action", "an action agreed at a targeting support meeting", "optional",
            ("reference",),
            (
                Column("reference", "reference", "the council's key of the action", True),
                Column("urn", "school", "school of the meeting", True),
                Column("meeting_date", "date", "day of the meeting", True),
                Column("action", "code", "what was agreed", True, ACTIONS),
                Column("owner_role", "code", "who does it", values=ROLES),
                Column("due_date", "date", "day by which it is due"),
                Column("done_date", "date", "day on which it was done"),
            ),
        ),
        Feed(
            "interventions", "intervention", "a child's stay in one intervention", "needed",
            ("council_child_id", "intervention", "since_date"),
            (
                Column("intervention", "code", "which one", True, ACTIONS),
                Column("since_date", "date", "first day: absence before and since is compared at it", True),
                Column("until_date", "date", "last day; empty while it lasts"),
                Column("urn", "school", "school, where it is the school's"),
                Column("owner_role", "code", "who does it", values=ROLES),
            ),
        ),
    )
}  # fmt: skip
"""Every feed by name, in the order of the interface document."""
