"""Canary: the made-up child of these deliveries appears in the canonical tables and raw bytes, and nowhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from rollcall.errors import RollcallError
from rollcall.validate.data_docs import build_data_docs
from tests.deliveries import GOOD_MARKS, Door, mark, pupil, template

CANARIES = ("Zebedee", "Canary-Quux", "A801200001001", "2015-03-17", "ZZ9 9ZZ", "canary-key-77")
CHILD = {"pupil_id": "canary-key-77", "upn": "A801200001001"}
MAY_KNOW = ("raw", "canonical")


def canaries_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def spoilt_deliveries() -> list[dict[str, bytes]]:
    """Deliveries that break a rule of every kind with the canary child in the broken row."""
    pupils = [
        pupil(**CHILD),
        pupil(**CHILD | {"pupil_id": "p5", "entry_date": "Zebedee"}),
        pupil(**CHILD | {"pupil_id": "p6", "sex": "Canary-Quux", "nc_year": "Zebedee"}),
    ]
    marks = [
        mark(pupil_id="canary-key-77"),
        mark(pupil_id="canary-key-77", session="PM", code="Zebedee Canary-Quux"),
        mark(pupil_id="Canary-Quux", session="Zebedee", session_date="canary-key-77"),
        mark(pupil_id="canary-key-77", session_date="2026-07-07", code="Zebedee"),
        mark(pupil_id="canary-key-77", session_date="2026-07-06", code="L", minutes_late="Zebedee"),
    ]
    whole = template(pupils, marks)
    cut = whole | {"marks.csv": whole["marks.csv"] + b'canary-key-77,"Zebedee'}
    return [
        whole,
        cut,
        whole | {"pupils.csv": b"Zebedee,Canary-Quux\nA801200001001,ZZ9 9ZZ\n"},
        whole | {"marks.csv": whole["marks.csv"] + b"Zebedee,Canary-Quux\n"},
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_spoilt_delivery_tells_nothing_of_the_child(door: Door, number: int, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, logger="rollcall")
    extract, verdict = door.judge(spoilt_deliveries()[number])
    assert verdict.status == "held" or verdict.marks_quarantined
    assert canaries_in(caplog.text + repr(verdict)) == []
    place = Path(extract.landed_uri)
    for path in place.rglob("*"):
        if path.is_file() and path.relative_to(place).parts[0] not in MAY_KNOW:
            assert canaries_in(path.read_bytes().decode("utf-8", "replace")) == [], path.name
    assert canaries_in(extract.to_json()) == []


def test_data_docs_hold_no_value_of_a_child(door: Door, tmp_path: Path):
    extracts = [door.judge(files)[0] for files in spoilt_deliveries()]
    index = build_data_docs(extracts, tmp_path / "docs")
    pages = [path.read_text(encoding="utf-8") for path in index.parent.rglob("*.html")]
    assert len(pages) > 4
    assert any("pupil_is_known" in page or "is_known_pupil" in page for page in pages)
    assert canaries_in("".join(pages)) == []


def test_an_unreadable_delivery_is_named_without_its_content(door: Door):
    _, verdict = door.judge(template([pupil(**CHILD)], GOOD_MARKS) | {"marks.csv": b"\x81Zebedee,\x8d\n"})
    assert verdict.reason_code == "RC310"
    assert canaries_in(verdict.reason) == []


def test_errors_of_landing_name_no_file_that_a_school_made_up(door: Door):
    with pytest.raises(RollcallError) as caught:
        door.extract({"Zebedee Canary-Quux.csv": b"x"})
    assert canaries_in(str(caught.value)) == []
