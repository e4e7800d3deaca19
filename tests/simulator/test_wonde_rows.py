"""Rows written a column at a time are JSON whatever the values hold, and a mark changes at its hour in London."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

from simulator.faces.happened import Happened
from simulator.faces.template import PUPIL_COLUMNS
from simulator.faces.wonde_rows import code_rows, student_rows
from simulator.truth.store import Truth

ALL = {"education_details", "extended_details", "registration", "contact_details"}
NAMES = ["Zoë", 'O"Hara', "back\\slash", "tab\tand\nline", "\x01", ""]


def test_names_that_need_escaping_come_back_as_they_were() -> None:
    students = pd.DataFrame({name: [""] * len(NAMES) for name in [*PUPIL_COLUMNS, "mis_id"]}, dtype="str")
    students = students.assign(
        surname=NAMES,
        destination=NAMES,
        sex=["F", "M", "", "F", "M", ""],
        fsm=["Y", "N", "Y", "N", "", "Y"],
        leaving_date=["2026-03-29", "", "", "", "", ""],
        enrolment_no=range(1, len(NAMES) + 1),
        updated_at=pd.to_datetime(["2026-03-29"] * len(NAMES)),
    )
    written = student_rows(students, ALL).to_pylist()
    rows = [json.loads(row.removesuffix(",")) for row in written]
    # as the standard writer would: spaces after commas and colons, letters as they are
    assert written == [f"{json.dumps(row, ensure_ascii=False)}," for row in rows]
    assert [row["surname"] for row in rows] == NAMES
    assert [row["education_details"]["data"]["destination"] for row in rows] == [*NAMES[:-1], None]
    assert [row["gender"] for row in rows] == ["FEMALE", "MALE", None, "FEMALE", "MALE", None]
    assert [row["extended_details"]["data"]["free_school_meals"] for row in rows] == [True, False] * 2 + [False, True]
    assert rows[0]["education_details"]["data"]["leaving_date"]["date"] == "2026-03-29 00:00:00.000000"
    assert rows[1]["education_details"]["data"]["leaving_date"] is None
    assert rows[5]["id"] == "A16"
    assert rows[0]["updated_at"]["timezone"] == "UTC"


def test_code_rows_name_every_code_but_the_blank_one() -> None:
    rows = json.loads(f"[{''.join(code_rows().to_pylist()).removesuffix(',')}]")
    assert {row["code"] for row in rows} >= {"/", "\\", "#"}
    assert "" not in {row["code"] for row in rows}


@pytest.mark.parametrize(("minute", "is_known"), [(29, False), (30, True)])
def test_a_register_is_known_from_half_past_four_in_london(tiny_truth: Truth, minute: int, is_known: bool) -> None:
    urn = int(tiny_truth.schools["urn"].iloc[0])
    until = datetime(2025, 9, 12, 15, minute, 59, 999_999, tzinfo=UTC)
    marks = Happened(tiny_truth).latest(urn, ("2025-09-12", "2025-09-12"), datetime(2025, 9, 1, tzinfo=UTC), until)
    assert (len(marks.day) > 0) is is_known
    if is_known:
        again = Happened(tiny_truth).latest(urn, ("2025-09-12", "2025-09-12"), until.replace(microsecond=0), until)
        assert len(again.day) == 0
