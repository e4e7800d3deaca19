"""Odd but honest files are read; broken ones are held with their reason, and never stop another school."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollcall.errors import RollcallError
from rollcall.extract import Verdict
from rollcall.validate import checking, read_canonical, validate, validate_all
from rollcall.validate.checking import read_or_fault
from rollcall.validate.results import read_withheld
from tests.deliveries import (
    GOOD_MARKS,
    GOOD_PUPILS,
    Door,
    broken_rules,
    codes_read,
    csv_text,
    mark,
    pupil,
    quarantined,
    template,
)

GOOD = template(GOOD_PUPILS, GOOD_MARKS)
GOOD_CODES = ["/", "\\", "N", None, "L"]


def in_every_file(change: object) -> dict[str, bytes]:
    return {name: change(data) for name, data in GOOD.items()}  # type: ignore[operator]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="a byte-order mark"),
        pytest.param(lambda data: data.replace(b"\r\n", b"\n"), id="bare line feeds"),
        pytest.param(lambda data: data.replace(b'","', b'";"'), id="semicolons"),
        pytest.param(lambda data: data.replace(b'","', b'"\t"'), id="tabs"),
        pytest.param(lambda data: data.removesuffix(b"\r\n"), id="no line break at the end"),
        pytest.param(lambda data: data.replace(b'"', b""), id="no quotes"),
        pytest.param(lambda data: data + b"\r\n\r\n", id="empty lines at the end"),
        pytest.param(lambda data: data.replace(b'"pupil_id"', b'" Pupil_ID "'), id="a header in other case"),
    ],
)
def test_honest_shapes_of_csv_read_alike(door: Door, change: object):
    extract, verdict = door.judge(in_every_file(change))
    assert (verdict.status, verdict.marks_quarantined, verdict.pupils_quarantined) == ("accepted", 0, 0)
    assert codes_read(extract) == GOOD_CODES


def test_windows_1252_is_read_and_remarked(door: Door):
    files = template([*GOOD_PUPILS, pupil(pupil_id="p4", upn="", surname="O’Brien")], GOOD_MARKS)
    extract, verdict = door.judge(files | {"pupils.csv": files["pupils.csv"].decode().encode("cp1252")})
    assert read_canonical(extract.landed_uri)[0].column("surname").to_pylist()[-1] == "O’Brien"
    assert any("Windows-1252" in warning for warning in verdict.warnings)


def test_names_that_look_like_nothing_are_names(door: Door):
    extract, _ = door.judge(GOOD)
    pupils = read_canonical(extract.landed_uri)[0]
    assert (pupils.column("surname").to_pylist()[1], pupils.column("forename").to_pylist()[1]) == ("Null", "NA")


def test_a_line_break_inside_a_quoted_field_is_part_of_the_field(door: Door):
    extract, verdict = door.judge_rows([pupil(destination="Elm\nTree"), GOOD_PUPILS[1]], GOOD_MARKS)
    assert verdict.status == "accepted"
    assert read_canonical(extract.landed_uri)[0].column("destination").to_pylist()[0] == "Elm\nTree"


UNREADABLE = {
    "HTML": b"<html><body>Sorry, maintenance</body></html>\n" * 3,
    "JSON": b'{"error": "no"}\n',
    "UTF-16": csv_text(GOOD_MARKS).encode("utf-16"),
    "NUL bytes": csv_text(GOOD_MARKS).encode() + b"\0\0\0",
    "nothing": b"",
    "a missing column": csv_text([{k: v for k, v in row.items() if k != "code"} for row in GOOD_MARKS]).encode(),
    "a column twice": b"pupil_id,session_date,session,code,code\np1,2026-07-08,AM,/,I\n",
    "a cut inside a quote": csv_text(GOOD_MARKS).encode()[:-4],
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_that_is_not_a_register_is_held(door: Door, fault: str):
    extract, verdict = door.judge(GOOD | {"marks.csv": UNREADABLE[fault]})
    assert (verdict.status, verdict.reason_code) == ("held", "RC310")
    assert "delivery_can_be_read" in broken_rules(extract)


def test_a_missing_table_is_held(door: Door):
    _, verdict = door.judge({"marks.csv": GOOD["marks.csv"]})
    assert "no pupils.csv" in verdict.reason


def test_a_line_with_too_few_fields_is_quarantined_by_its_line(door: Door):
    extract, verdict = door.judge(GOOD | {"marks.csv": GOOD["marks.csv"] + b"p1,2026-07-06\r\np1,2026-07-03,AM,I,\r\n"})
    assert quarantined(extract) == [("marks.csv", 7, "row_has_every_field")]
    assert (verdict.marks_in, verdict.marks_accepted, verdict.marks_quarantined) == (7, 6, 1)
    assert read_canonical(extract.landed_uri)[1].column("line").to_pylist() == [2, 3, 4, 5, 6, 8]


def test_a_file_doubled_or_crossed_four_times_loads_once(door: Door):
    extract, verdict = door.judge_rows(GOOD_PUPILS * 4, GOOD_MARKS * 4)
    assert (verdict.marks_in, verdict.marks_accepted, verdict.marks_repeated) == (20, 5, 15)
    assert (verdict.pupils_in, verdict.pupils_accepted, verdict.pupils_repeated) == (8, 2, 6)
    assert codes_read(extract) == GOOD_CODES


def test_an_unmapped_code_is_unknown_and_a_mapped_one_is_read(door: Door):
    extract, verdict = door.judge_rows(
        GOOD_PUPILS,
        [*GOOD_MARKS, mark(session_date="2026-07-06", code="ILL"), mark(session_date="2026-07-03", code="zz")],
    )
    assert codes_read(extract)[-2:] == ["I", None]
    assert verdict.marks_unmapped == 1
    assert read_canonical(extract.landed_uri)[1].column("raw_code").to_pylist()[-2:] == ["ILL", "zz"]


def test_a_mark_takes_the_enrolment_that_its_day_falls_in(door: Door):
    """A child who left and came back has two enrolments, and nothing between them."""
    spells = [pupil(leaving_date="2026-06-12"), pupil(entry_date="2026-06-22"), GOOD_PUPILS[1]]
    marks = [mark(session_date=day) for day in ("2026-06-12", "2026-06-15", "2026-06-22")]
    extract, _ = door.judge_rows(spells, marks)
    entries = read_canonical(extract.landed_uri)[1].column("entry_date").to_pylist()
    assert entries == [date(2024, 9, 2), date(2026, 6, 22)]
    assert quarantined(extract) == [("marks.csv", 3, "session_is_within_enrolment")]


def test_a_delta_finds_its_pupils_on_the_roll(door: Door):
    files = template(GOOD_PUPILS, [*GOOD_MARKS, mark(pupil_id="p7")])
    extract = door.extract(files, pupils_mode="delta", marks_mode="delta", scope_from=None, scope_to=None)
    roll = pa.table({
        "pupil_id": ["p7"], "entry_date": [date(2025, 9, 1)], "leaving_date": pa.array([None], pa.date32()),
    })  # fmt: skip
    verdict = validate(extract, door.city, roll, door.codes)
    assert (verdict.marks_quarantined, verdict.marks_accepted) == (0, 6)


def test_what_is_withheld_is_named_to_the_loader(door: Door):
    """A quarantined row is missing from a snapshot, yet the school did not remove it."""
    twice = [mark(session_date="2026-07-06"), mark(session_date="2026-07-06", code="I")]
    extract, _ = door.judge_rows([*GOOD_PUPILS, pupil(pupil_id="p4", upn="", nc_year="")], GOOD_MARKS + twice)
    pupils, marks = read_withheld(extract.landed_uri)
    assert pupils.column("pupil_id").to_pylist() == ["p4"]
    assert marks.column("session_date").to_pylist() == [date(2026, 7, 6)] * 2


def test_one_broken_delivery_costs_no_other_school_its_night(door: Door):
    extracts = [door.extract(GOOD | {"marks.csv": UNREADABLE["HTML"]}), door.extract(GOOD)]
    seen: list[Verdict] = []
    verdicts = list(validate_all(extracts, door.city, {}, door.codes, workers=2, progress=seen.append))
    assert [verdict.status for verdict in verdicts] == ["held", "accepted"]
    assert len(seen) == 2


def test_many_groups_in_many_processes_are_judged_alike_and_in_their_order(door: Door, monkeypatch: pytest.MonkeyPatch):
    extracts = [door.extract(GOOD), door.extract(GOOD | {"marks.csv": UNREADABLE["HTML"]}), door.extract(GOOD)]
    together = list(validate_all(extracts, door.city, {}, door.codes, workers=1))
    monkeypatch.setattr(checking, "GROUP_BYTES", 1)
    assert list(validate_all(extracts, door.city, {}, door.codes, workers=2)) == together


def test_the_same_extract_judged_again_gives_the_same_bytes(door: Door):
    extract, first = door.judge(GOOD)
    place = door.folder / "landing"
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert validate(extract, door.city, None, door.codes) == first
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["pupils.csv", "marks.csv"]),
    place=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.binary(max_size=40)
    | st.sampled_from([b'"', b"\r\n", b",,,,", b"\xff\xfe", b"\0", b'""""', b"=1+1", b"\x81"]),
)
def test_a_mutated_file_is_read_or_refused_by_a_typed_error(door: Door, name: str, place: float, cut: int, put: bytes):
    data = GOOD[name]
    at = int(place * len(data))
    extract = door.extract(GOOD | {name: data[:at] + put + data[at + cut :] or b"\n"})
    stated, error = read_or_fault(extract)
    assert error is None or isinstance(error, RollcallError)
    assert stated.marks.num_rows == 0 if error else stated.marks.num_rows <= len(data)
