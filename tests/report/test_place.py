"""Places: the map shows what the table shows and no more; LSOAs give nothing of their wards away."""

from __future__ import annotations

import re
from pathlib import Path

from rollcall.city import load_city
from rollcall.report.drawing.maps import area_map, classes
from rollcall.report.geography import read_outline
from rollcall.report.parts.place import protect_lsoas, protect_wards
from rollcall.settings import PROJECT_ROOT
from tests.report.attacker import ranges

CITY = load_city(PROJECT_ROOT / "simulator" / "city")


def row(name: str, cohort: int, persistent: int, severe: int = 0) -> dict[str, object]:
    return {"group_name": name, "schools": 4, "cohort": cohort, "persistent": persistent, "severe": severe}


def test_the_boundaries_are_all_wards_and_lsoas_of_the_city():
    wards, lsoas = read_outline(CITY, "wards"), read_outline(CITY, "lsoas")
    assert wards is not None
    assert lsoas is not None
    assert (len(wards.shapes), len(lsoas.shapes)) == (18, 151)
    assert len({code for shape in lsoas.shapes for code in shape.codes}) == 152
    assert {ward for shape in lsoas.shapes for ward in shape.wards} == {
        name for shape in wards.shapes for name in shape.names
    }
    assert "Crown copyright" in wards.attribution


def test_another_authority_never_gets_these_boundaries(tmp_path: Path):
    from dataclasses import replace

    assert read_outline(replace(CITY, la_code="330", folder=tmp_path), "wards") is None


def test_a_hidden_area_is_hatched_and_says_nothing_of_its_rate():
    outline = read_outline(CITY, "wards")
    assert outline is not None
    values = {shape.codes[0]: f"{15 + number}.0" for number, shape in enumerate(outline.shapes)}
    hidden = outline.shapes[3].codes[0]
    values[hidden] = "c"
    svg = area_map(outline, values, "wards", "Title", "Caption", "Alternative", labels=True).svg
    fills = dict(re.findall(r'fill="([^"]+)"><title>([^<]+): ', svg))
    assert re.findall(r'fill="url\(#wards-hidden\)"><title>([^<]+)</title>', svg) == [
        f"{outline.shapes[3].names[0]}: c"
    ]
    assert set(fills) == {"#6BACE6", "#2073BC", "#12436D", "url(#wards-hidden)"}
    assert "c: not shown" in svg


def test_classes_are_thirds():
    assert classes([1, 2, 3, 4, 5, 6, 7, 8, 9]) == (4, 7)


def test_lsoas_of_a_shown_ward_give_no_hidden_area_away():
    lsoas = [row("a1", 120, 2), row("a2", 130, 31), row("a3", 90, 22), row("b1", 200, 40), row("b2", 100, 19)]
    wards = protect_wards([row("A", 340, 55, 9), row("B", 300, 59, 8)])
    assert not wards.hidden
    ward_of = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B"}
    shown = protect_lsoas(lsoas, wards, ward_of)
    assert shown is not None
    assert shown.is_hidden("a1", "persistent")
    assert not shown.is_hidden("b1", "persistent")
    seen = {("A", "persistent"): 55.0} | {
        (str(item["group_name"]), "persistent"): float(str(item["persistent"]))
        for item in lsoas
        if not shown.is_hidden(str(item["group_name"]), "persistent")
    }
    parts = [(name, "persistent") for name in ("a1", "a2", "a3")]
    low, high = ranges(seen, [("a1", "persistent")], [(("A", "persistent"), parts)])["a1", "persistent"]
    assert high - low >= 5


def test_lsoas_that_do_not_add_up_to_their_wards_are_not_shown_at_all():
    wards = protect_wards([row("A", 340, 55, 9), row("B", 300, 59, 8)])
    assert protect_lsoas([row("a1", 340, 50), row("b1", 300, 59)], wards, {"a1": "A", "b1": "B"}) is None
