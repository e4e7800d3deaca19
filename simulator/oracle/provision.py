"""Part-time timetables against their plans, leave that has ended, children with a plan, meetings."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pandas as pd

from simulator.oracle.codes import ATTENDED, PART_TIME, sql_list

LEAVE_SCHOOL_DAYS = 10
PRECEDENCE = ("lac", "cp", "cin", "taf")
PLAN_END = "coalesce(actual_end_date, expected_end_date)"
PART_TIME_COLUMNS = [
    "sessions_part_time", "sessions_in_plan", "sessions_without_plan", "sessions_past_end", "sessions_past_review",
    "first_session_date", "last_session_date", "has_open_plan", "start_date", "expected_end_date", "weekly_sessions",
    "review_date", "is_review_overdue", "is_parent_agreed", "reason",
]  # fmt: skip
LEAVE_COLUMNS = ["start_date", "leave_end_date", "reason", "last_attended_date", "school_days_since",
                 "is_ground_h_signal"]  # fmt: skip
SHEET_COLUMNS = [
    "plan_status", "all_plans", "plans", "start_date", "social_worker", "team", "responsible_la", "home_la",
    "is_on_roll", "urn", "link_officer", "sessions_possible", "sessions_absent", "sessions_unknown", "absence_rate",
    "is_persistently_absent", "is_severely_absent", "rolling_sessions_possible", "rolling_sessions_absent",
    "rolling_absence_rate", "coverage_rate", "has_part_time_plan", "part_time_review_date",
    "is_part_time_review_overdue", "sessions_without_plan", "last_contact_date", "next_meeting_date",
    "is_meeting_overdue",
]  # fmt: skip
ACTION_COLUMNS = ["urn", "meeting_date", "action", "owner_role", "due_date", "done_date", "action_status"]
MEETING_COLUMNS = [
    "term", "attendees", "next_due_date", "actions_agreed", "actions_done", "actions_overdue", "is_latest",
]  # fmt: skip
Mart = tuple[str, list[str], list[str], pd.DataFrame]


def part_time(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """One row per child and school with a C2 session, or with a part-time plan open on the night."""
    return db.execute(
        f"""with part_time as (
            select person_no, urn, start_date::date as start_date, {PLAN_END}::date as end_date,
                expected_end_date::date as expected_end_date, review_date::date as review_date, weekly_sessions,
                is_parent_agreed, reason
            from plans where plan = 'part_time'),
        sessions as (
            select r.person_no, r.urn, k.session_date from known k join rolls r using (enrolment_no)
            where k.code = '{PART_TIME}'),
        held as (
            select s.*, case when p.person_no is null then 'without_plan' when s.session_date > p.end_date then 'past_end'
                when s.session_date > p.review_date then 'past_review' else 'in_plan' end as standing
            from sessions s asof left join part_time p
                on p.person_no = s.person_no and p.urn = s.urn and p.start_date <= s.session_date),
        counted as (
            select person_no, urn, count(*) as sessions_part_time,
                count(*) filter (standing = 'in_plan') as sessions_in_plan,
                count(*) filter (standing = 'without_plan') as sessions_without_plan,
                count(*) filter (standing = 'past_end') as sessions_past_end,
                count(*) filter (standing = 'past_review') as sessions_past_review,
                min(session_date) as first_session_date, max(session_date) as last_session_date
            from held group by all),
        open as (
            select * from part_time where start_date <= $night::date and (end_date is null or end_date >= $night::date)
            qualify row_number() over (partition by person_no, urn order by start_date desc) = 1)
        select person_no, urn, columns('^(sessions_|first_|last_)'), o.start_date is not null as has_open_plan,
            o.* exclude (person_no, urn), coalesce(o.review_date < $night::date, false) as is_review_overdue
        from counted full join open o using (person_no, urn)""",
        {"night": night},
    ).df()


def leave_ended(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """One row per child and school: the newest granted leave that has ended, of a child on a roll who was not back."""
    return db.execute(
        f"""with ended as (
            select person_no, urn, start_date::date as start_date, {PLAN_END}::date as leave_end_date, reason
            from plans where plan = 'leave' and {PLAN_END}::date < $night::date
            qualify row_number() over (partition by person_no, urn order by leave_end_date desc, start_date desc) = 1),
        attended as (
            select r.person_no, max(k.session_date) as last_attended_date
            from known k join rolls r using (enrolment_no) join (select distinct person_no from ended) using (person_no)
            where k.code in ({sql_list(ATTENDED)}) group by all),
        there as (select distinct person_no from rolls where is_on_roll)
        select e.*, last_attended_date, count(d.session_date) as school_days_since,
            count(d.session_date) >= {LEAVE_SCHOOL_DAYS} as is_ground_h_signal
        from ended e join there using (person_no) left join attended using (person_no)
        join school_days d on d.urn = e.urn and d.session_date > leave_end_date and d.session_date <= $night::date
        where last_attended_date is null or (last_attended_date <= leave_end_date
            and last_attended_date < date_trunc('week', $night::date))
        group by all""",
        {"night": night},
    ).df()


def newest_schools(rolls: pd.DataFrame) -> pd.DataFrame:
    """person_no, urn, is_on_roll: the newest school on whose roll the child is, or else was."""
    ordered = rolls.sort_values(["is_on_roll", "entry_date", "enrolment_no"], ascending=False, kind="stable")
    return ordered.drop_duplicates("person_no")[["person_no", "urn", "is_on_roll"]]


def plan_sheet(
    db: duckdb.DuckDBPyConnection, night: str, rolls: pd.DataFrame, children: pd.DataFrame, timetables: pd.DataFrame
) -> pd.DataFrame:
    """One row per child with a stay open on the night; `children` are the counts with flags of each child and period."""
    at = pd.Timestamp(night)
    care = db.execute("select * from social_care").df()
    care = care[(care["start_date"] <= at) & (care["end_date"].isna() | (care["end_date"] >= at))]
    care = care.assign(rank=care["status"].map(PRECEDENCE.index)).sort_values(
        ["person_no", "rank", "start_date"], ascending=[True, True, False]
    )
    each = care.drop_duplicates(["person_no", "status"]).groupby("person_no")["status"]
    several = care.groupby("person_no").agg(
        last_contact_date=("last_contact_date", "max"), next_meeting_date=("next_meeting_date", "min")
    )
    told = pd.DataFrame({"all_plans": each.agg(", ".join), "plans": each.size()})
    rows = care.drop_duplicates("person_no").rename(columns={"status": "plan_status"})
    rows = rows.drop(columns=["last_contact_date", "next_meeting_date"]).merge(several.join(told), on="person_no")
    homes = db.execute("select person_no, home_la as child_home_la from children").df()
    la_code = db.execute("select la_code from city").fetchall()[0][0]
    rows = rows.merge(homes, on="person_no", how="left").merge(newest_schools(rolls), on="person_no", how="left")
    rows["home_la"] = rows["home_la"].fillna(rows["child_home_la"])
    rows["responsible_la"] = rows["responsible_la"].fillna(la_code)
    rows["is_on_roll"] = rows["is_on_roll"].eq(True)
    rows["is_meeting_overdue"] = rows["next_meeting_date"] < at
    rows["link_officer"] = rows["urn"].map(db.execute("select urn, link_officer from schools").df()
                                           .set_index("urn")["link_officer"])  # fmt: skip
    figures = ["sessions_possible", "sessions_absent", "absence_rate"]
    year = children[children["period_type"] == "year"].set_index("person_no")
    rolling = children[children["period_type"] == "rolling"].set_index("person_no")[figures].add_prefix("rolling_")
    own = [*figures, "sessions_unknown", "sessions_expected", "is_persistently_absent", "is_severely_absent"]
    rows = rows.join(year[own], on="person_no").join(rolling, on="person_no")
    known = rows["sessions_expected"] - rows["sessions_unknown"]
    rows["coverage_rate"] = (known / rows["sessions_expected"]).where(rows["sessions_expected"] > 0)
    plans = timetables.groupby("person_no").agg(
        has_part_time_plan=("has_open_plan", "any"), part_time_review_date=("review_date", "min"),
        is_part_time_review_overdue=("is_review_overdue", "any"), sessions_without_plan=("sessions_without_plan", "sum"),
    )  # fmt: skip
    rows = rows.join(plans, on="person_no")
    for name in ("has_part_time_plan", "is_part_time_review_overdue"):
        rows[name] = rows[name].eq(True)
    return rows.assign(sessions_without_plan=rows["sessions_without_plan"].fillna(0))


def marts(db: duckdb.DuckDBPyConnection, night: str, rolls: pd.DataFrame, children: pd.DataFrame) -> Iterator[Mart]:
    """mart, keys, columns and rows of each."""
    timetables = part_time(db, night)
    sessions = [name for name in PART_TIME_COLUMNS if name.startswith("sessions_")]
    timetables[sessions] = timetables[sessions].fillna(0)
    timetables["is_parent_agreed"] = timetables["is_parent_agreed"].map({"Y": True, "N": False})
    timetables["weekly_sessions"] = pd.to_numeric(timetables["weekly_sessions"])
    yield "fct_part_time", ["person_no", "urn"], PART_TIME_COLUMNS, timetables
    yield "fct_leave_ended", ["person_no", "urn"], LEAVE_COLUMNS, leave_ended(db, night)
    yield "fct_plan_sheet", ["person_no"], SHEET_COLUMNS, plan_sheet(db, night, rolls, children, timetables)
    actions = meeting_actions(db, night)
    yield "fct_meeting_actions", ["reference"], ACTION_COLUMNS, actions
    yield "fct_support_meetings", ["urn", "meeting_date"], MEETING_COLUMNS, support_meetings(db, night, actions)


def meeting_actions(db: duckdb.DuckDBPyConnection, night: str) -> pd.DataFrame:
    """Every action of a meeting held by the night, and what became of it."""
    rows = db.execute("select * exclude person_no from meeting_actions").df()
    at = pd.Timestamp(night)
    rows = rows[rows["meeting_date"] <= at].copy()
    rows["done_date"] = rows["done_date"].where(rows["done_date"] <= at)
    rows["action_status"] = "open"
    rows.loc[rows["due_date"] < at, "action_status"] = "overdue"
    rows.loc[rows["done_date"].notna(), "action_status"] = "done"
    return rows


def support_meetings(db: duckdb.DuckDBPyConnection, night: str, actions: pd.DataFrame) -> pd.DataFrame:
    """Every meeting held by the night, with how its actions stand."""
    rows = db.execute("select * from meetings").df()
    rows = rows[rows["meeting_date"] <= pd.Timestamp(night)].copy()
    status = actions["action_status"]
    flags = actions.assign(actions_agreed=1, actions_done=status == "done", actions_overdue=status == "overdue")
    names = ["actions_agreed", "actions_done", "actions_overdue"]
    rows = rows.merge(flags.groupby(["urn", "meeting_date"], as_index=False)[names].sum(), how="left")
    rows[names] = rows[names].fillna(0)
    rows["is_latest"] = rows["meeting_date"] == rows.groupby("urn")["meeting_date"].transform("max")
    return rows
