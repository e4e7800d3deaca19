"""What follows from marks and rolls: part-time timetables and leave, the schools' returns, penalty notices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.council.context import UNAUTHORISED, YEAR_START, Context, days_of, keep, runs

LEAST_PART_TIME = 6
LEAST_LEAVE = 8
REASONS = ("medical", "mental_health", "reintegration", "send_transition", "other")


def plans(context: Context) -> pd.DataFrame:
    """Part-time timetables behind the C2 marks: one in five never reported, some expired, some past their review; and
    granted leave behind long stretches of C."""
    part_time = _spans(context, "C2", LEAST_PART_TIME)
    part_time = part_time[context.chance(len(part_time), 0.8)]
    count = len(part_time)
    start, last = days_of(part_time["first"]), days_of(part_time["last"])
    expired = context.chance(count, 0.25)
    expected = np.where(expired, start + (last - start) // 2, last + context.days(count, 1, 20))
    table = pd.DataFrame(
        {
            "person_no": context.enrolments["person_no"].to_numpy()[part_time["place"]],
            "known_on": start + context.days(count, 0, 14),
            "urn": context.urns[part_time["place"]],
            "plan": "part_time",
            "start_date": start,
            "expected_end_date": np.maximum(expected, start),
            "actual_end_date": keep(~expired & context.chance(count, 0.6), last),
            "weekly_sessions": context.rng.choice(["4", "5", "6", "8"], count),
            "review_date": keep(context.chance(count, 0.75), start + context.days(count, 20, 45)),
            "is_parent_agreed": np.where(context.chance(count, 0.92), "Y", "N"),
            "reason": context.rng.choice(REASONS, count),
        }
    )
    leave = runs(context, context.is_code("C"), LEAST_LEAVE)
    leave = leave[context.chance(len(leave), 0.9)]
    place = leave["place"].to_numpy(dtype=np.int64)
    first, end = days_of(leave["first"]), days_of(leave["last"])
    granted = pd.DataFrame(
        {
            "person_no": context.enrolments["person_no"].to_numpy()[place],
            "known_on": first - context.days(len(leave), 0, 10),
            "urn": context.urns[place],
            "plan": "leave",
            "start_date": first,
            "expected_end_date": end,
            "actual_end_date": end,
            "weekly_sessions": "",
            "review_date": np.full(len(leave), np.datetime64("NaT", "D")),
            "is_parent_agreed": "Y",
            "reason": context.rng.choice(["exceptional", "bereavement", "overseas_family"], len(leave)),
        }
    )
    whole = pd.concat([table, granted], ignore_index=True) if len(granted) else table
    return whole.drop_duplicates(["person_no", "urn", "plan", "start_date"], ignore_index=True)


def _spans(context: Context, code: str, least: int) -> pd.DataFrame:
    """First and last day of a code for each enrolment that has it at least ``least`` times."""
    places = np.flatnonzero(context.is_code(code))
    found = pd.DataFrame({"place": context.register.owner[places], "day": context.register.day[places]})
    spans = found.groupby("place")["day"].agg(["min", "max", "size"]).reset_index()
    spans = spans[spans["size"] >= least]
    first, last = spans["min"].to_numpy().astype("datetime64[D]"), spans["max"].to_numpy().astype("datetime64[D]")
    return pd.DataFrame({"place": spans["place"].to_numpy(), "first": first, "last": last})


def school_returns(context: Context) -> pd.DataFrame:
    """The four returns: most in time, some late, some never made."""
    stays = context.enrolments
    entry, leaving = days_of(stays["entry_date"]), days_of(stays["leaving_date"])
    came = stays[(entry > YEAR_START + np.timedelta64(4, "D")) & ~stays["story"].isin(["guest"]).to_numpy()]
    # the end of the final year needs no return, and a guest's stay none either
    left = stays[~np.isnat(leaving) & ~stays["removal_ground"].isin(["l", ""]).to_numpy()]
    away = runs(context, context.is_code(*UNAUTHORISED), 20)
    ill = runs(context, context.is_code("I"), 30)
    parts = [
        _return(context, came, "new_pupil", days_of(came["entry_date"]), days_of(came["entry_date"]), 5, 0.08),
        _return(context, left, "deletion", days_of(left["leaving_date"]), days_of(left["leaving_date"]), 1, 0.08),
        _return(context, _stays(stays, away), "attendance", days_of(away["first"]), days_of(away["reached"]), 20, 0.3),
        _return(context, _stays(stays, ill), "sickness", days_of(ill["first"]), days_of(ill["reached"]), 20, 0.4),
    ]
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]
    return whole.drop_duplicates(["person_no", "urn", "return_type", "event_date"], ignore_index=True)


def _stays(stays: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    return stays.iloc[found["place"].to_numpy(dtype=np.int64)]


def _return(
    context: Context, stays: pd.DataFrame, kind: str, event: np.ndarray, due: np.ndarray, days: int, never: float
) -> pd.DataFrame:
    count = len(stays)
    late = context.chance(count, 0.12)
    made = due + np.where(late, context.days(count, days + 1, days + 30), context.days(count, 0, days))
    is_deletion = kind == "deletion"
    table = pd.DataFrame(
        {
            "person_no": stays["person_no"].to_numpy(),
            "known_on": made,
            "urn": stays["urn"].to_numpy(),
            "return_type": kind,
            "event_date": event,
            "returned_date": made,
            "removal_ground": stays["removal_ground"].to_numpy() if is_deletion else "",
            "destination_urn": stays["destination_urn"].astype(str).replace("0", "").to_numpy() if is_deletion else "",
        }
    )
    return table[~context.chance(count, never)]


def legal(context: Context) -> pd.DataFrame:
    """Penalty notices for some of the children with ten or more unauthorised sessions, warnings before them, and what
    became of each."""
    register, count = context.register, len(context.enrolments)
    bad = np.flatnonzero(context.is_code(*UNAUTHORISED))
    number = np.bincount(register.owner[bad], minlength=count)
    starts = np.append(0, np.cumsum(number))[:-1]
    places = np.flatnonzero((number >= 10) & context.chance(count, 0.12))
    first = register.day[bad[starts[places]]].astype("datetime64[D]")
    tenth = register.day[bad[starts[places] + 9]].astype("datetime64[D]")
    size = len(places)
    issued = np.busday_offset(tenth + context.days(size, 5, 25), 0, roll="forward")
    kind = context.rng.choice(["penalty_notice", "notice_to_improve", "attendance_contract"], size, p=[0.7, 0.2, 0.1])
    is_notice = kind == "penalty_notice"
    draw = context.rng.random(size)
    parent = [f"P{value:06d}" for value in context.enrolments["person_no"].to_numpy()[places] * 7 % 999_983]
    return pd.DataFrame(
        {
            "person_no": context.enrolments["person_no"].to_numpy()[places],
            "known_on": issued,
            "reference": [f"LM-{value:05d}" for value in range(1, size + 1)],
            "parent_key": parent,
            "urn": context.urns[places],
            "measure": kind,
            "issued_date": issued,
            "period_first_date": first,
            "period_last_date": tenth,
            "sessions": "10",
            "paid_date": keep(is_notice & (draw < 0.6), issued + context.days(size, 3, 28)),
            "withdrawn_date": keep(is_notice & (draw >= 0.6) & (draw < 0.66), issued + context.days(size, 5, 40)),
            "prosecuted_date": keep(is_notice & (draw >= 0.9), issued + context.days(size, 40, 90)),
        }
    )
