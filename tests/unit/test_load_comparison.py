"""The comparison in columns finds exactly what a full join in the database finds, whatever was loaded before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from rollcall.load.marks import compare_marks, with_enrolments
from rollcall.load.roll import enrolments_of_school
from rollcall.warehouse.connect import Connection, connect
from rollcall.warehouse.copy import copy_table
from tests.registers import DAY, ELM, Register, mark, pupil, statement

PUPILS: Final = ("p1", "p2", "p3")
DAYS: Final = tuple(DAY - timedelta(days=back) for back in (35, 1, 0))
KEYS: Final = [(name, day, half) for name in PUPILS for day in DAYS for half in ("AM", "PM")]
# a code as the school wrote it, what it was mapped to, and minutes
SAID: Final = [("/", "/", None), ("N", "N", None), ("L", "L", 5), ("L", "L", 12), (None, None, None), ("ILL", "I", None),
               ("I", "I", None), ("ZZ", None, None), ("L", "L", None)]  # fmt: skip
UNSAID: Final = "unsaid"
FULL_JOIN: Final = """
    with known as (
        select mark.* from register.mark
        where mark.is_current and mark.enrolment_id = any(%(enrolments)s)
            and mark.session_date between %(first)s and %(last)s
    )

    select
        coalesce(stated.enrolment_id, known.enrolment_id), coalesce(stated.session_date, known.session_date),
        coalesce(stated.half, known.half), stated.minutes_late, stated.code, stated.raw_code,
        stated.enrolment_id is not null as is_sent, known.enrolment_id is not null as is_known
    from stated
    full outer join known
        on stated.enrolment_id = known.enrolment_id and stated.session_date = known.session_date
        and stated.half = known.half
    where (stated.code, stated.raw_code, stated.minutes_late)
        is distinct from (known.code, known.raw_code, known.minutes_late)
        or stated.enrolment_id is null or known.enrolment_id is null
"""

statements = st.fixed_dictionaries(
    {
        # most keys each time, so that the same mark is often stated again, the same or otherwise
        "said": st.lists(st.sampled_from([*SAID, UNSAID]), min_size=len(KEYS), max_size=len(KEYS)),
        "mode": st.sampled_from(["snapshot", "window", "delta"]),
        "is_complete": st.booleans(),
        "scope_from": st.sampled_from(DAYS),
        "release": st.booleans(),
        "age": st.integers(0, 2),
    }
)


def full_join(connection: Connection, marks: pa.Table, enrolments: list[int], first: date, last: date) -> set[Any]:
    connection.execute(
        "create temp table stated (enrolment_id integer, session_date date, half smallint, minutes_late smallint,"
        " code text, raw_code text) on commit drop"
    )
    copy_table(connection, sql.SQL("stated"), marks)
    return set(connection.execute(FULL_JOIN, {"enrolments": enrolments, "first": first, "last": last}).fetchall())


def check(register: Register, accepted: Any) -> None:
    """Both comparisons of one statement with what the register holds now; nothing is kept."""
    with connect(register.settings, "loader") as connection:
        enrolments = enrolments_of_school(connection, ELM, is_staged=False)
        marks = with_enrolments(accepted.marks, enrolments)
        everyone = enrolments["enrolment_id"].to_pylist()
        extract = accepted.extract
        removes = extract.is_complete and extract.marks_mode != "delta"
        days = marks["session_date"].to_pylist() or [DAY]
        first, last = (extract.scope_from, extract.scope_to) if removes else (min(days), max(days))
        expected = full_join(connection, marks, everyone, first, last)
        if not removes:
            expected = {row for row in expected if row[6]}
        counts = compare_marks(connection, extract, marks, accepted.marks_withheld.slice(0, 0), everyone)
        found = connection.execute("select * from mark_difference").fetchall()
        connection.rollback()
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert (counts.sent, counts.new) == (marks.num_rows, sum(row[6] and not row[7] for row in expected))
    assert counts.changed == sum(row[6] and row[7] for row in expected)
    assert counts.removed == sum(not row[6] for row in expected)


# a story is a dozen transactions: no time is spent on making a failing one shorter
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=st.lists(statements, min_size=1, max_size=5))
def test_whatever_was_loaded_before_the_comparison_equals_the_full_join(
    register: Register, story: list[dict[str, Any]]
):
    register.clear()
    roll = [pupil(name) for name in PUPILS]
    register.load(roll, [], day=1, is_complete=False)
    for number, part in enumerate(story):
        marks = [
            mark(name, code, day, half, raw_code=raw, minutes_late=minutes)
            for (name, day, half), said in zip(KEYS, part["said"], strict=True)
            if day >= part["scope_from"] and said != UNSAID
            for raw, code, minutes in [said]
        ]
        # an older statement now and then, which is superseded and must change nothing
        day = 10 + number - 2 * part["age"]
        values = {
            "day": day,
            "mode": part["mode"],
            "is_complete": part["is_complete"],
            "scope_from": part["scope_from"],
        }
        values |= {"fingerprint": str(number)}
        check(register, statement(roll, marks, urn=ELM, **values))
        register.load(roll, marks, release=part["release"], **values)
