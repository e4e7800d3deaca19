"""The longer code sets of the council's feeds: what a value of such a column may be."""

from __future__ import annotations

from typing import Final

PLAN_REASONS: Final = (
    "medical", "mental_health", "reintegration", "send_transition", "safeguarding", "exceptional", "bereavement",
    "overseas_family", "performance", "travelling", "other",
)  # fmt: skip
CME_REASONS: Final = (
    "moved_abroad", "moved_other_la", "challenging_attendance_order", "did_not_apply", "preference_not_met",
    "difficulty_finding_place", "mental_health", "arrived_from_abroad", "arrived_from_other_la", "not_recorded",
    "offer_not_accepted", "other", "parental_decision", "physical_health", "application_awaiting_outcome",
    "dissatisfaction_send", "dissatisfaction_general", "unknown", "unsuitable_home_education", "waiting_school_start",
)  # fmt: skip
ACTIONS: Final = (
    "attendance_contract", "home_visit", "early_help", "part_time_review", "health_referral", "school_place",
    "parenting_support", "mentoring", "legal_meeting", "other",
)  # fmt: skip
ROLES: Final = ("school", "link_officer", "welfare_officer", "early_help", "virtual_school", "health", "social_care")
GROUNDS: Final = tuple("abcdefghijklmno")
