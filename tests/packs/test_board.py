"""What a reader with pencil and paper could work out of the board packs."""

from __future__ import annotations

from pathlib import Path

from rollcall.city import load_city
from rollcall.report.packs import Request, write_pack
from rollcall.report.packs.lists import Scope
from tests.packs.attack import narrow_counts
from tests.packs.kinds import READER, page_of
from tests.tiny_city import TinyCity


def test_no_hidden_count_of_a_board_pack_can_be_worked_out(tiny_city: TinyCity, written: dict[str, list[Path]]):
    city = load_city(tiny_city.settings.city_folder)
    pages = [
        (("school", str(urn)), page_of(write_pack(tiny_city.settings, city, Request("board", Scope(urn), READER))))
        for urn in sorted(city.schools)
        if tiny_city.value(
            "select coalesce(sum(sessions_known), 0) from serve.agg_school_absence where urn = %s", [urn]
        )
    ]
    trusts = sorted({school.trust for school in city.schools.values() if school.trust})
    for trust in trusts:
        request = Request("board", audience=READER, trust=trust)
        pages.append((("trust", trust), page_of(write_pack(tiny_city.settings, city, request))))
    hidden = 0
    for (kind, area), path in pages:
        tried, narrow = narrow_counts(tiny_city, kind, area, path.read_text(encoding="utf-8"))
        assert narrow == {}, f"{kind} {area}"
        hidden += tried
    assert hidden > 20
