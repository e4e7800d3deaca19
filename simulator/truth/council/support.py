"""Social care, targeting support meetings with their actions, and interventions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.truth.council.context import NEVER, Context, keep

TERMS = {
    "autumn": ("2025-10-06", "2025-11-28"),
    "spring": ("2026-01-26", "2026-03-13"),
    "summer": ("2026-05-05", "2026-06-19"),
}
ACTIONS = ("attendance_contract", "home_visit", "early_help", "part_time_review", "health_referral", "mentoring")
TEAMS = ("EAST", "WEST", "NORTH", "LAC1")


def social_care(context: Context) -> pd.DataFrame:
    """A stay for every flag of the truth, and a team around the family for some others; a few ended, some cross-border."""
    people, rng = context.people, context.rng
    taf = context.chance(len(people), 0.012) & ~people[["looked_after", "cin", "cp"]].any(axis=1).to_numpy()
    flags = {"lac": people["looked_after"], "cin": people["cin"], "cp": people["cp"], "taf": taf}
    numbers = [people["person_no"].to_numpy()[np.asarray(flag, dtype=bool)] for flag in flags.values()]
    person = np.concatenate(numbers)
    status = np.repeat(list(flags), [len(found) for found in numbers])
    count = len(person)
    start = np.datetime64("2024-09-02") + context.days(count, 0, 600)
    ended = context.chance(count, 0.12) & (status != "lac")
    end = keep(ended, start + context.days(count, 60, 300))
    return pd.DataFrame(
        {
            "person_no": person,
            "known_on": start + context.days(count, 0, 10),
            "status": status,
            "start_date": start,
            "end_date": end,
            "responsible_la": np.where((status == "lac") & context.chance(count, 0.2), "830", ""),
            "home_la": np.where((status == "lac") & context.chance(count, 0.1), "892", ""),
            "social_worker": [f"SW{number:03d}" for number in rng.integers(1, 60, count)],
            "team": np.array(TEAMS)[rng.integers(0, len(TEAMS), count)],
            "interval_days": rng.choice([28, 42, 91], count),
            "is_overdue": context.chance(count, 0.1),
        }
    )


def meetings(context: Context) -> dict[str, pd.DataFrame]:
    """One meeting per school and term (eight in a hundred not held), with actions, most of them about one child."""
    rows, actions = [], []
    away = context.absent_share
    worst = {urn: places[np.argsort(-away[places], kind="stable")][:40] for urn, places in _places(context).items()}
    person = context.enrolments["person_no"].to_numpy()
    for urn in context.schools["urn"]:
        for term, (first, last) in TERMS.items():
            span = int((np.datetime64(last) - np.datetime64(first)).astype(int))
            day = np.busday_offset(np.datetime64(first) + context.days(1, 0, span)[0], 0, roll="forward")
            if context.rng.random() < 0.08:
                continue
            rows.append((day, urn, day, term, "school link_officer", day + np.timedelta64(120, "D")))
            places = worst.get(int(urn), np.array([], dtype=int))
            chosen = context.rng.choice(places, min(len(places), int(context.rng.integers(2, 6))), replace=False)
            for place in chosen:
                due = day + np.timedelta64(int(context.rng.integers(14, 60)), "D")
                done = due + np.timedelta64(int(context.rng.integers(-10, 20)), "D")
                is_done, is_of_child = context.rng.random() < 0.7, context.rng.random() < 0.8
                action = ACTIONS[int(context.rng.integers(0, len(ACTIONS)))]
                actions.append(
                    (person[place] if is_of_child else 0, day, urn, day, action, "link_officer", due,
                     done if is_done else NEVER)
                )  # fmt: skip
    names = ["known_on", "urn", "meeting_date", "term", "attendees", "next_due_date"]
    held = pd.DataFrame(rows, columns=names)
    names = ["person_no", "known_on", "urn", "meeting_date", "action", "owner_role", "due_date", "done_date"]
    agreed = pd.DataFrame(actions, columns=names)
    agreed.insert(2, "reference", [f"TSM-{number:05d}" for number in range(1, len(agreed) + 1)])
    return {"meetings": held, "meeting_actions": agreed}


def interventions(context: Context) -> pd.DataFrame:
    """Interventions for children who miss much: what is done since when, and whether it has ended."""
    away = context.absent_share
    places = np.flatnonzero((away >= 0.12) & context.chance(len(away), 0.06))
    count = len(places)
    since = np.busday_offset(np.datetime64("2025-10-06") + context.days(count, 0, 230), 0, roll="forward")
    ended = context.chance(count, 0.4)
    table = pd.DataFrame(
        {
            "person_no": context.enrolments["person_no"].to_numpy()[places],
            "known_on": since + context.days(count, 0, 5),
            "intervention": np.array(ACTIONS)[context.rng.integers(0, len(ACTIONS), count)],
            "since_date": since,
            "until_date": keep(ended, since + context.days(count, 40, 120)),
            "urn": context.urns[places],
            "owner_role": np.where(context.chance(count, 0.6), "school", "welfare_officer"),
        }
    )
    return table.drop_duplicates(["person_no", "intervention", "since_date"], ignore_index=True)


def _places(context: Context) -> dict[int, np.ndarray]:
    return {int(urn): np.flatnonzero(context.urns == urn) for urn in np.unique(context.urns)}
