"""The packs that nobody asks for: at a term's end, or by the parameter of the DAG."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollcall import nightly
from rollcall.nightly.packs import last_school_day, term_of
from tests.tiny_city import HISTORY_UNTIL, TinyCity, night_of


def test_only_the_last_school_day_of_a_term_has_packs(tiny_city: TinyCity):
    city = tiny_city.city
    term = term_of(city, HISTORY_UNTIL)
    last = last_school_day(city, term)
    assert term is not None
    assert last is not None
    assert term.name == "summer"
    open_days = {day for urn in city.schools for day in city.school_days(urn)}
    assert last in open_days
    assert not {day for day in open_days if last < day <= term.last_day}
    assert nightly.write_packs(night_of(last - timedelta(days=1)), "term end") == "no packs tonight"
    assert nightly.write_packs(night_of(last), "none") == "no packs tonight"
    assert last_school_day(city, None) is None


def test_every_school_with_a_figure_has_its_meetings_pack_at_the_terms_end(
    tiny_city: TinyCity, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ROLLCALL_PACKS", str(tiny_city.settings.home / "packs-of-the-term"))
    last = last_school_day(tiny_city.city, term_of(tiny_city.city, HISTORY_UNTIL))
    assert last is not None
    told = nightly.write_packs(night_of(last), "term end")
    schools = tiny_city.value(
        "select count(*) from serve.agg_school_absence"
        " where period_type = 'term' and period_name = 'summer' and sessions_possible > 0"
    )
    files = {path.name for path in tiny_city.settings.packs.rglob("*")}
    assert sum(name.startswith("tsm-") and name.endswith(".xlsx") for name in files) == schools > 5
    assert f"{schools} tsm packs" in told
    assert not [name for name in files if name.startswith("board-") and name.endswith(".xlsx")]
    assert tiny_city.value("select count(*) from ops.export_log where why = 'scheduled, each term' and has_names") == 0
