"""Nothing is published unless all of it is right; then all of it moves at once; and a rebuild gives the same."""

from __future__ import annotations

import pytest

from tests.aftermath import Aftermath, Failure
from tests.tiny_city import HALF_GONE


def failures(aftermath: Aftermath) -> dict[str, Failure]:
    return {
        "unbalanced": aftermath.unbalanced,
        "leaking": aftermath.leaking,
        "failing test": aftermath.failing_test,
    }


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("unbalanced", "RC500", "register to marts, absent"),
        ("leaking", "RC510", "rollcall_bi_reader reaches register.mark"),
        ("failing test", "RC500", "no_week_of_sessions_lies_in_two_terms"),
    ],
)
def test_what_is_wrong_is_named_and_yesterdays_set_stays(aftermath: Aftermath, name: str, code: str, words: str):
    failure = failures(aftermath)[name]
    assert (failure.code, words in failure.text) == (code, True), failure.text
    assert failure.after == failure.before
    assert failure.before.publications > 0


def test_who_reads_while_the_marts_move_sees_one_whole_set_or_the_other(aftermath: Aftermath):
    assert aftermath.set_before != aftermath.set_after
    assert set(aftermath.watched) == {aftermath.set_before, aftermath.set_after}
    assert aftermath.watched == sorted(aftermath.watched)


def test_who_reads_while_the_marts_move_never_meets_an_error(aftermath: Aftermath):
    assert len(aftermath.watched) > 2
    assert aftermath.reader_errors == []


def test_the_levels_of_one_set_agree(aftermath: Aftermath):
    _, schools, city, enrolments = aftermath.set_after
    assert schools == city == enrolments > 100_000


def test_a_held_register_is_loaded_once_it_is_released(aftermath: Aftermath):
    assert aftermath.release.status == "loaded"
    assert aftermath.release.urn == HALF_GONE
    assert aftermath.status_after_release == "in"


def test_children_who_vanish_from_a_released_roll_keep_an_ended_enrolment(aftermath: Aftermath):
    gone, on_record = aftermath.vanished
    assert gone == 44
    assert on_record > gone


def test_the_marts_of_many_nights_equal_those_rebuilt_from_nothing(aftermath: Aftermath):
    different = [name for name, value in aftermath.incremental.items() if aftermath.rebuilt[name] != value]
    assert different == []
    assert aftermath.rebuilt.keys() == aftermath.incremental.keys()
    assert len(aftermath.rebuilt) >= 15
