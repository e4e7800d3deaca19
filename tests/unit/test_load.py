"""Marks in the load stage, against a real PostgreSQL: versions, removal, the breaker, and the order of knowledge."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

from rollcall.load import watermark_and_taken
from rollcall.runtime.installation import admin_dsn
from rollcall.warehouse.connect import connect
from tests.registers import DAY, ELM, Register, mark, pupil

NEXT = date(2026, 7, 7)
WHOLE_DAY = [mark("p1"), mark("p1", "\\", session="PM"), mark("p2"), mark("p2", "N", session="PM")]
ROLL = [pupil("p1"), pupil("p2")]


def many(count: int) -> list[dict[str, object]]:
    return [pupil(f"p{number}") for number in range(count)]


def test_the_first_statement_opens_one_version_of_everything(register: Register):
    result = register.load(ROLL, WHOLE_DAY)
    assert (result.status, result.difference.new, result.difference.removed) == ("loaded", 4, 0)
    for table in ("register.pupil", "register.enrolment", "register.person_link", "identity.pupil"):
        assert register.rows(f"select count(*), bool_and(is_current) from {table}") == [(2, True)]
    assert register.rows("select birth_month from register.pupil") == [(date(2015, 3, 1),)] * 2


def test_what_is_known_of_a_schools_deliveries_is_the_newest_loaded_and_every_one_judged(register: Register):
    def known() -> tuple[datetime | None, dict[str, str]]:
        with connect(register.settings, "loader") as connection:
            return watermark_and_taken(connection, ELM)

    assert known() == (None, {})
    register.load(ROLL, WHOLE_DAY)
    first = register.rows("select source_time from register.extract")[0][0]
    register.load(ROLL, WHOLE_DAY, day=7)
    register.rows("update register.extract set verdict = 'held' where extract_id = 2 returning 1")
    stated = [row for row in register.rows("select source_path, fingerprint from register.extract") if row[0]]
    assert known() == (first, dict(stated))
    register.rows("update register.extract set source_path = extract_id, fingerprint = 'f' || extract_id returning 1")
    assert known() == (first, {"1": "f1", "2": "f2"})


def test_the_same_extract_again_is_not_loaded_again(register: Register):
    register.load(ROLL, WHOLE_DAY)
    again = register.load(ROLL, WHOLE_DAY)
    assert again.status == "already loaded"
    assert register.rows("select count(*) from register.extract") == [(1,)]
    assert len(register.codes()) == 4


def test_a_new_extract_with_the_same_content_opens_no_version(register: Register):
    register.load(ROLL, WHOLE_DAY)
    again = register.load(ROLL, WHOLE_DAY, day=7)
    assert (again.difference.new, again.difference.changed, again.difference.unchanged) == (0, 0, 4)
    assert register.codes(current=False) == []
    assert register.rows("select count(*) from register.enrolment") == [(2,)]
    assert register.rows("select count(*) from register.touched_week where extract_id = 2") == [(0,)]


def test_a_corrected_mark_closes_its_version_at_the_moment_the_new_one_opens(register: Register):
    register.load(ROLL, WHOLE_DAY)
    changed = [*WHOLE_DAY[:3], mark("p2", "I", session="PM")]
    result = register.load(ROLL, changed, day=7)
    assert (result.difference.new, result.difference.changed, result.difference.unchanged) == (0, 1, 3)
    assert (register.codes(), register.codes(current=False)) == (["/", "\\", "/", "I"], ["N"])
    closed = register.rows("select known_to from register.mark where not is_current")[0][0]
    opened = register.rows("select known_from from register.mark where code = 'I'")[0][0]
    assert closed == opened == datetime(2026, 7, 7, 19, tzinfo=UTC)


def test_minutes_late_alone_make_a_new_version(register: Register):
    register.load(ROLL, [mark("p1", "L", minutes_late=5)])
    result = register.load(ROLL, [mark("p1", "L", minutes_late=12)], day=7)
    assert result.difference.changed == 1
    assert register.rows("select minutes_late from register.mark where is_current") == [(12,)]


def test_a_mark_not_taken_is_kept_as_unknown_and_later_known(register: Register):
    register.load(ROLL, [mark("p1", None, raw_code=None)])
    assert register.codes() == [None]
    register.load(ROLL, [mark("p1", "I")], day=7)
    assert (register.codes(), register.codes(current=False)) == (["I"], [None])


def test_a_code_that_could_not_be_mapped_keeps_what_the_school_wrote(register: Register):
    register.load(ROLL, [mark("p1", None, raw_code="ZZ"), mark("p2", "I", raw_code="ILL")])
    assert register.rows("select code, raw_code from register.mark order by enrolment_id") == [
        (None, "ZZ"),
        ("I", "ILL"),
    ]


def test_a_mark_gone_from_a_whole_scope_is_closed_and_not_deleted(register: Register):
    marks = [mark(f"p{number}", session=half) for number in range(60) for half in ("AM", "PM")]
    register.load(many(60), marks)
    result = register.load(many(60), marks[:-1], day=7)
    assert (result.status, result.difference.removed) == ("loaded", 1)
    assert len(register.codes()) == 119
    assert len(register.codes(current=False)) == 1


def test_a_delta_never_removes_anything(register: Register):
    register.load(ROLL, WHOLE_DAY)
    result = register.load(ROLL, WHOLE_DAY[:1], day=7, mode="delta")
    assert (result.difference.removed, result.difference.unchanged) == (0, 1)
    assert len(register.codes()) == 4


def test_a_scope_that_the_source_did_not_finish_removes_nothing(register: Register):
    register.load(ROLL, WHOLE_DAY)
    result = register.load(ROLL, WHOLE_DAY[:1], day=7, is_complete=False)
    assert (result.status, result.difference.removed) == ("loaded", 0)
    assert len(register.codes()) == 4


def test_marks_outside_the_scope_are_left_alone(register: Register):
    register.load(ROLL, WHOLE_DAY)
    result = register.load(ROLL, [mark("p1", day=NEXT)], day=7, mode="window", scope_from=NEXT)
    assert (result.difference.new, result.difference.removed) == (1, 0)
    assert len(register.codes()) == 5


def test_a_mark_that_came_but_was_quarantined_is_not_taken_for_removed(register: Register):
    register.load(ROLL, WHOLE_DAY)
    result = register.load(ROLL, WHOLE_DAY[:3], day=7, withheld_marks=[("p2", DAY, "PM")])
    assert (result.status, result.difference.removed) == ("loaded", 0)
    assert register.codes() == ["/", "\\", "/", "N"]


def test_mass_removal_of_marks_is_held_until_somebody_releases_it(register: Register):
    register.load(ROLL, WHOLE_DAY)
    held = register.load(ROLL, WHOLE_DAY[:2], day=7)
    assert held.status == "held"
    assert held.reason == "2 of 4 known marks would be removed (limit 2 %)."
    assert len(register.codes()) == 4
    released = register.load(ROLL, WHOLE_DAY[:2], day=7, release=True)
    assert (released.status, released.difference.removed) == ("loaded", 2)
    assert len(register.codes()) == 2
    assert register.rows("select count(*) from register.extract") == [(2,)]


def test_knowledge_moves_forward_even_where_two_extracts_share_a_moment(register: Register):
    register.load(ROLL, [mark("p1", "N")])
    register.load(ROLL, [mark("p1", "I")], fingerprint="later", source_time=datetime(2026, 7, 6, 18, tzinfo=UTC))
    versions = register.rows("select code, known_from::text, known_to::text from register.mark order by known_from")
    assert [row[0] for row in versions] == ["N", "I"]
    assert versions[0][1] < versions[0][2] == versions[1][1]


@pytest.mark.parametrize("order", [(6, 7), (7, 6)])
def test_two_extracts_in_either_order_end_in_the_same_current_marks(register: Register, order: tuple[int, int]):
    states = {}
    said = {6: [mark("p1", "N"), mark("p2")], 7: [mark("p1", "I"), mark("p2"), mark("p2", day=NEXT)]}
    for day in order:
        states[day] = register.load(ROLL, said[day], day=day).status
    assert register.codes() == ["I", "/", "/"]
    assert states[7] == "loaded"
    assert states[6] == ("loaded" if order[0] == 6 else "superseded")


def test_an_older_extract_that_is_superseded_stays_in_the_ledger(register: Register):
    register.load(ROLL, [mark("p1", "I")], day=7)
    register.load(ROLL, [mark("p1", "N")], day=6)
    ledger = register.rows("select verdict, marks_in from register.extract order by source_time")
    assert ledger == [("superseded", 1), ("loaded", 1)]


def test_a_failed_load_leaves_nothing_behind(register: Register):
    with pytest.raises(psycopg.Error):
        register.load(ROLL, [*WHOLE_DAY, mark("p1", "I")])
    for table in ("register.extract", "register.mark", "register.enrolment", "identity.pupil", "ops.school_night"):
        assert register.rows(f"select count(*) from {table}") == [(0,)]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update register.mark set known_to = known_from, is_current = false", "knowledge_runs_forward"),
        ("update register.mark set known_to = now()", "current_means_open"),
        ("update register.mark set half = 3", "half_is_am_or_pm"),
        (
            "insert into register.mark select * from register.mark where is_current limit 1",
            "mark_2025_current_key",
        ),
        (
            "insert into register.enrolment select * from register.enrolment limit 1",
            "enrolment",
        ),
    ],
)
def test_the_database_itself_refuses_a_register_that_contradicts_itself(
    register: Register, statement: str, constraint: str
):
    register.load(ROLL, WHOLE_DAY)
    dsn = admin_dsn(register.settings, register.settings.warehouse_database)
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.IntegrityError) as caught:
        connection.execute(statement)
    assert constraint in str(caught.value)


def test_the_reconciliation_of_a_load_balances_and_is_written_once(register: Register):
    register.load(ROLL, WHOLE_DAY)
    register.load(ROLL, WHOLE_DAY)
    hops = register.rows("select hop, metric, left_value, right_value, is_ok from ops.recon order by 1, 2")
    assert hops == [
        ("canonical to register", "marks", 4, 4, True),
        ("file to canonical", "marks", 4, 4, True),
        ("file to canonical", "pupils", 2, 2, True),
    ]


def test_the_weeks_that_a_correction_touches_are_noted_for_the_marts(register: Register):
    register.load(ROLL, WHOLE_DAY)
    register.load(ROLL, [*WHOLE_DAY[:3], mark("p2", "I", session="PM")], day=7)
    weeks = register.rows("select week_start from register.touched_week where extract_id = 2")
    assert weeks == [(date(2026, 7, 6),)]
