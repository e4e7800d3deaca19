"""What the aggregator knows at a moment: students, leavers and session marks as JSON rows, ready to be paged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from simulator.faces.known import MINUTES_LATE
from simulator.faces.template import pupil_rows
from simulator.truth.codes import CODES
from simulator.truth.store import Truth, connect

LONDON = ZoneInfo("Europe/London")
CODE_IDS = {code: f"A2{place:07d}" for place, code in enumerate(CODES) if code}
EPOCH_ID = "(enrolment_no::bigint * 100000 + epoch(session_date)::bigint // 86400 * 2 + half)"


@dataclass
class Filters:
    """What a caller asked for: changes after a moment, marks of a range of dates."""

    updated_after: datetime | None = None
    date_from: str = "1900-01-01"
    date_to: str = "2999-12-31"


class AggregatorData:
    """Events of the aggregator's schools in one in-memory table; every answer is what had happened by the clock."""

    def __init__(self, truth: Truth, now: datetime) -> None:
        self.truth = truth
        self.db = connect()
        self.db.execute("set timezone = 'UTC'")
        folder = truth.folder
        # an hour of the clock is worked out once a day, not once a mark; both files are in order of school already, which
        # is all that a question about one school needs
        self.db.execute(
            f"""create table events as
                with rolls as (select enrolment_no, urn from read_parquet('{folder}/enrolments.parquet') e
                               where urn in (select urn
                                   from read_parquet('{folder}/schools.parquet') where connector = 'wonde')),
                clock as (select session_date as day, (session_date + time '16:30') at time zone 'Europe/London' as taken,
                              (session_date + time '17:00') at time zone 'Europe/London' as corrected
                          from (select unnest(range(date '2025-08-01', date '2027-08-01', interval 1 day))::date
                              as session_date))
                select urn, enrolment_no, session_date, half, coalesce(code, '') as code, happened_at from (
                    select enrolment_no, session_date, half, first_code::varchar as code, taken as happened_at
                    from read_parquet('{folder}/marks.parquet') join clock on session_date = day
                    union all
                    select enrolment_no, session_date, half, new_code::varchar, corrected
                    from read_parquet('{folder}/corrections.parquet') join clock on corrected_on = day
                ) join rolls using (enrolment_no)"""
        )
        codes = pd.DataFrame({"code": list(CODE_IDS), "code_id": list(CODE_IDS.values())})
        self.db.register("code_ids", codes)
        self.set_clock(now)

    def set_clock(self, now: datetime) -> None:
        """Move the moment up to which everything is known."""
        self.now = now.astimezone(UTC)
        local = now.astimezone(LONDON)
        # Rolls change at 17:00: before that the last evening still stands.
        evening = local.date() if local.hour >= 17 else local.date() - timedelta(days=1)
        rolls = self.truth.rolls_as_known(evening.isoformat())
        gone = rolls["leaving_date"].notna() & (rolls["leaving_date"] <= pd.Timestamp(evening))
        leavers = set(rolls.loc[gone, "enrolment_no"])
        rows = pupil_rows(self.truth, evening.isoformat())
        rows["enrolment_no"] = rolls["enrolment_no"].to_numpy()
        rows["mis_id"] = rolls["pupil_no"].map(self.truth.pupils.set_index("pupil_no")["mis_id"]).to_numpy()
        changed = rolls["leaving_known_on"].where(gone, rolls["entry_date"]).to_numpy()
        rows["updated_at"] = changed
        rows["is_leaver"] = rows["enrolment_no"].isin(leavers)
        self.students = {int(urn): part for urn, part in rows.groupby("urn")}
        self.db.register("leavers", pd.DataFrame({"enrolment_no": pd.array(sorted(leavers), dtype="int32")}))

    def marks(self, urn: int, leavers: bool, filters: Filters, includes: set[str]) -> list[str]:
        """JSON rows of session marks: the latest state of each mark changed in the asked span; a register not
        taken has no row.
        """
        membership = "in" if leavers else "not in"
        code = (
            """'{"data":{"id":"' || code_id || '","code":' || to_json(code)::varchar || '}}'"""
            if "attendance_code" in includes
            else "to_json(code_id)::varchar"
        )
        student = (
            """'{"data":{"id":"A1' || enrolment_no || '"}}'"""
            if "student" in includes
            else """'"A1' || enrolment_no || '"'"""
        )
        stamp = """'{"date":"' || strftime(changed, '%Y-%m-%d %H:%M:%S') ||
            '.000000","timezone_type":3,"timezone":"UTC"}'"""
        # A window needs the whole history of its marks; a delta only what happened since.
        rows = self.db.execute(
            f"""with latest as (
                    select enrolment_no, session_date, half, arg_max(code, happened_at) as code,
                        max(happened_at) as changed, min(happened_at) as born
                    from events where urn = $urn and happened_at <= $now and happened_at > $after
                      and session_date between $low::date and $high::date
                      and enrolment_no {membership} (select enrolment_no from leavers)
                    group by all)
                select '{{"id":"A3' || {EPOCH_ID} || '","mis_id":null,"session":"' || case half
                    when 1 then 'AM' else 'PM' end ||
                       '","date":{{"date":"' || session_date ||
                           ' 00:00:00.000000","timezone_type":3,"timezone":"Europe/London"}},"student":' ||
                       {student} || ',"attendance_code":' || {code} || ',"comment":null,"minutes_late":' ||
                       coalesce(({MINUTES_LATE})::varchar, 'null') || ',"created_at":' ||
                           {stamp.replace("(changed", "(born")} ||
                       ',"updated_at":' || {stamp} || '}}'
                from latest join code_ids using (code) order by session_date, enrolment_no, half""",
            {
                "urn": urn,
                "now": self.now,
                "after": filters.updated_after or datetime(1970, 1, 1, tzinfo=UTC),
                "low": filters.date_from,
                "high": filters.date_to,
            },
        ).fetchall()
        return [row[0] for row in rows]

    def pupils(self, urn: int, leavers: bool, filters: Filters, includes: set[str]) -> list[str]:
        """JSON rows of students on roll, or of leavers. The row id is that of the enrolment; the upi stays with
        the child.
        """
        rows = self.students.get(urn, pd.DataFrame(columns=["is_leaver", "updated_at"]))
        rows = rows[rows["is_leaver"] == leavers]
        if filters.updated_after:
            rows = rows[pd.to_datetime(rows["updated_at"]) >= pd.Timestamp(filters.updated_after.date())]
        return [json.dumps(_student(row, includes), ensure_ascii=False) for row in rows.to_dict("records")]


def php_date(text: str, timezone: str = "Europe/London") -> dict[str, Any] | None:
    """A date as the aggregator dumps it: local midnight, so that careless readers of UTC land on the day before in
    summer.
    """
    return {"date": f"{text} 00:00:00.000000", "timezone_type": 3, "timezone": timezone} if text else None


def _student(row: dict[str, Any], includes: set[str]) -> dict[str, Any]:
    stamp = php_date(str(row["updated_at"])[:10], "UTC")
    body: dict[str, Any] = {
        "id": f"A1{row['enrolment_no']}", "upi": row["pupil_id"], "mis_id": row["mis_id"], "initials": "",
            "title": None,
        "surname": row["surname"], "forename": row["forename"], "middle_names": None, "legal_surname": row["surname"],
        "legal_forename": row["forename"], "gender": {"F": "FEMALE", "M": "MALE"}.get(row["sex"]),
            "gender_identity": None,
        "date_of_birth": php_date(row["date_of_birth"]), "restored_at": None, "created_at": stamp, "updated_at": stamp,
    }  # fmt: skip
    if "education_details" in includes:
        body["education_details"] = {"data": {
            "admission_number": row["mis_id"], "upn": row["upn"] or None, "local_upn": None,
                "former_upn": row["former_upn"] or None,
            "current_nc_year": row["nc_year"], "admission_date": php_date(row["entry_date"]),
                "leaving_date": php_date(row["leaving_date"]),
            "leaving_reason": row["leaving_reason"] or None, "removal_grounds": row["removal_ground"] or None,
            "destination": row["destination"] or None, "destination_urn": row["destination_urn"] or None,
        }}  # fmt: skip
    if "extended_details" in includes:
        body["extended_details"] = {"data": {
            "ethnicity": row["ethnicity"], "sen_status": row["sen"], "in_lea_care": row["looked_after"] == "Y",
            "free_school_meals": row["fsm"] == "Y", "english_as_additional_language": row["eal"] == "Y",
            "enrolment_status": row["enrolment_status"], "first_language": row["first_language"],
            "child_in_need": row["cin"] == "Y", "child_protection_plan": row["cp"] == "Y",
                "is_boarder": row["is_boarder"] == "Y",
        }}  # fmt: skip
    if "registration" in includes:
        body["registration"] = {"data": {"name": row["registration_group"]}}
    if "contact_details" in includes:
        body["contact_details"] = {"data": {"addresses": {"home": {"postcode": row["postcode"]}}}}
    return body
