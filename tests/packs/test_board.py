"""What a reader could work out who lays board packs side by side, with each other and with the city report."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rollcall.errors import ExportRefused
from rollcall.report.city import render
from rollcall.report.disclosure import nested_table, protect
from rollcall.report.packs import Request, write_pack
from rollcall.report.packs.lists import Scope
from rollcall.report.plan import Plan, make_plan
from rollcall.report.plan_kept import read_plan
from rollcall.report.reading import Reader
from tests.packs.attack import COLUMNS, DIMENSIONS, narrow_counts
from tests.packs.kinds import READER, page_of
from tests.packs.together import Cell, narrow, seen_of, signs_of, signs_of_report, truth_of
from tests.tiny_city import TinyCity

Pages = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def pages(tiny_city: TinyCity) -> Pages:
    """The board pack of every school that has a figure, and of every trust: (kind, area) -> page."""
    city = tiny_city.city
    found: Pages = {}
    for urn in sorted(city.schools):
        try:
            paths = write_pack(tiny_city.settings, city, Request("board", Scope(urn), READER))
        except ExportRefused:
            continue
        found["school", str(urn)] = page_of(paths).read_text(encoding="utf-8")
    for trust in sorted({school.trust for school in city.schools.values() if school.trust}):
        paths = write_pack(tiny_city.settings, city, Request("board", audience=READER, trust=trust))
        found["trust", trust] = page_of(paths).read_text(encoding="utf-8")
    assert len(found) > 10
    return found


def read_all(tiny_city: TinyCity, pages: Pages) -> dict[Cell, set[str]]:
    """What all the pages together say of each count."""
    said: dict[Cell, set[str]] = {}
    phases = {str(urn): phase for urn, phase in tiny_city.rows("select urn, dfe_phase from serve.dim_schools")}
    members: dict[str, set[str]] = {}
    for urn, trust in tiny_city.rows("select urn, trust from serve.dim_schools where trust is not null"):
        members.setdefault(trust, set()).add(phases[str(urn)])
    for (kind, area), html in pages.items():
        own = [phases[area]] if kind == "school" else sorted(members[area])
        for cell, texts in signs_of(html, area if kind == "school" else f"trust {area}", own).items():
            said.setdefault(cell, set()).update(texts)
    with tiny_city.as_role("bi_reader") as connection:
        report = render(Reader(connection), tiny_city.city)
    for cell, texts in signs_of_report(report).items():
        said.setdefault(cell, set()).update(texts)
    return said


def test_no_hidden_count_of_one_board_pack_can_be_worked_out(tiny_city: TinyCity, pages: Pages):
    hidden = 0
    for (kind, area), html in pages.items():
        tried, narrow_ones = narrow_counts(tiny_city, kind, area, html)
        assert narrow_ones == {}, f"{kind} {area}"
        hidden += tried
    assert hidden > 20


def test_no_hidden_count_can_be_worked_out_of_all_board_packs_and_the_city_report(tiny_city: TinyCity, pages: Pages):
    counts, sums = truth_of(tiny_city)
    seen, hidden = seen_of(read_all(tiny_city, pages))
    known = {cell: count for cell, count in seen.items() if cell in counts}
    assert {cell: (count, counts[cell]) for cell, count in known.items() if count != counts[cell]} == {}
    assert len(known) > 100
    assert len(hidden) > 50
    assert [cell for cell in known if cell[0].startswith("trust") and cell[1]]
    assert [cell for cell in (*known, *hidden) if cell[0].startswith("phase")]
    assert narrow(counts, sums, known) == {}


def test_decided_pack_by_pack_the_same_attack_finds_hidden_counts(tiny_city: TinyCity):
    """The planted weakness: each pack hides what it would hide if no reader ever saw another one."""
    counts, sums = truth_of(tiny_city)
    seen: dict[Cell, int] = {}
    areas = {cell[0] for cell in counts if not cell[0].startswith("phase")}
    for area in areas:
        tables = [{("", ""): None}]
        tables += [{cell[1:3]: None for cell in counts if cell[0] == area and cell[1] == name} for name in DIMENSIONS]
        for rows in tables:
            own = {"\t".join(row): tuple(counts[(area, *row, column)] for column in COLUMNS) for row in rows}
            total = tuple(sum(row[place] for row in own.values()) for place in range(len(COLUMNS)))
            alone = rows == {("", ""): None}
            shown = protect(nested_table(own, COLUMNS, total=None if alone else total))
            for row in rows:
                for column in COLUMNS:
                    if not shown.is_hidden("\t".join(row), column):
                        seen[area, *row, column] = counts[area, *row, column]
    assert narrow(counts, sums, seen)


def test_one_count_too_many_is_found(tiny_city: TinyCity):
    """Every further count that the plan hides for others' sake is needed by somebody, or most of them are."""
    counts, sums = truth_of(tiny_city)
    with tiny_city.as_role("bi_reader") as connection:
        plan = make_plan(Reader(connection))
    shown = {cell: count for cell, count in counts.items() if cell in plan.counts and cell not in plan.hidden}
    assert narrow(counts, sums, shown) == {}
    headlines = [
        cell for cell in plan.hidden
        if not cell[1] and counts.get(cell, 0) >= 5 and cell[3] != "enrolments" and not cell[0].startswith("phase")
    ]  # fmt: skip
    groups = [
        cell for cell in plan.hidden
        if cell[1] in ("sex", "EAL", "free school meals") and cell in counts and counts[cell] >= 5
        and counts[*cell[:3], "enrolments"] >= 23
    ]  # fmt: skip
    tried = sorted(headlines)[:5] + sorted(groups)[:5]
    assert tried
    assert [cell for cell in tried if narrow(counts, sums, {**shown, cell: counts[cell]}, cell[1])]


def test_the_plan_is_decided_once_and_what_it_hid_stays_hidden(tiny_city: TinyCity, tmp_path: Path):
    with tiny_city.as_role("bi_reader") as connection:
        reader = Reader(connection)
        first = read_plan(reader, tmp_path)
        again = read_plan(reader, tmp_path)
        assert again == first
        (path,) = tmp_path.glob("hidden-*.json")
        assert path.stat().st_mode & 0o777 == 0o600
        # the file names counts and holds none
        assert not re.search(r"\d", re.sub(r'"[^"]*"', "", path.read_text(encoding="utf-8")))
        # a later edition of the year, in which nothing would have to hide this count
        extra = next(cell for cell in sorted(first.counts) if cell not in first.hidden and first.counts[cell] > 100)
        later = make_plan(reader, first.hidden | {extra})
    assert later.hidden >= first.hidden | {extra}
    counts, sums = truth_of(tiny_city)
    for plan in (first, later, replace(first, hidden=first.hidden & later.hidden)):
        assert narrow(counts, sums, _shown(plan, counts)) == {}


def _shown(plan: Plan, counts: dict[Cell, int]) -> dict[Cell, int]:
    return {cell: count for cell, count in counts.items() if cell in plan.counts and cell not in plan.hidden}
