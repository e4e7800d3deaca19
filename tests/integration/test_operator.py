"""The operator's page and what it offers: who waits for somebody, what a release would move, a hold by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from rollcall import nightly
from rollcall.cli.main import rollcall
from rollcall.errors import SettingsError
from rollcall.load import end_hold, hold_school
from rollcall.report.operator import operator_page
from rollcall.report.operator.figures import read_operator_figures, stages_of
from rollcall.warehouse.connect import connect
from tests.aftermath import Aftermath
from tests.registers import ELM, OAK, Register, mark, pupil
from tests.story import Story
from tests.tiny_city import BAD_ROWS, HALF_GONE, NIGHTS, SILENT, WITHOUT_ROUTE, TinyCity


def test_the_page_names_every_school_that_waits_with_its_reason_and_command(tiny_city: TinyCity, story: Story):
    page = story.evenings[NIGHTS[-1]].operator_page
    for urn in (SILENT, HALF_GONE):
        card = re.search(
            rf'<section class="card \w+" aria-label="[^"]*">\s*<h3>[^<]*\({urn}\).*?</section>', page, re.S
        )
        assert card is not None
        assert f"rollcall night --date {NIGHTS[-1]} --school {urn}" in card.group()
    assert f"rollcall release {HALF_GONE} {NIGHTS[-1]} --dry-run" in page
    assert "What would move if the held register were loaded" in page
    assert "<strong>published</strong>" in page


def test_the_page_shows_rows_set_aside_by_rule(tiny_city: TinyCity, story: Story):
    rules = tiny_city.rows("select rule, count(*) from ops.quarantine where night = %s group by rule", [NIGHTS[-1]])
    page = story.evenings[NIGHTS[-1]].operator_page
    assert story.evenings[NIGHTS[-1]].statuses[BAD_ROWS] == "in"
    assert rules
    for rule, rows in rules:
        assert re.search(rf'<th scope="row">{rule}</th><td>\w+</td><td class="n">{rows:,}</td>', page), rule


def test_coverage_by_day_is_that_of_the_published_set(tiny_city: TinyCity, story: Story):
    assert story.evenings
    with tiny_city.as_role("operator_reader") as connection:
        figures = read_operator_figures(connection, tiny_city.city)
    assert figures is not None
    expected = tiny_city.rows(
        "select urn, session_date, sessions_known, sessions_expected from marts.fct_school_days"
        " where session_date = any(%s)",
        [list(figures.days)],
    )
    shown = {(urn, day, *pair) for urn, days in figures.coverage.items() for day, pair in days.items()}
    assert shown == set(expected)
    assert len(figures.days) == 15
    silent = figures.coverage[SILENT][NIGHTS[-1]]
    assert silent[0] < silent[1]


def test_a_school_without_a_route_is_unset_and_stops_nowhere(tiny_city: TinyCity, story: Story):
    assert story.evenings
    with tiny_city.as_role("operator_reader") as connection:
        figures = read_operator_figures(connection, tiny_city.city, NIGHTS[-1])
    assert figures is not None
    line = next(line for line in figures.schools if line.urn == WITHOUT_ROUTE)
    assert (line.status, set(line.stages.values())) == ("unset", {"-"})


@pytest.mark.parametrize(
    ("status", "row", "stages"),
    [
        ("in", {"reason_code": None, "came": True}, ["done", "done", "done", "done"]),
        ("late", {"reason_code": "RC211", "came": True}, ["late", "done", "done", "done"]),
        ("held", {"reason_code": "RC330", "came": True}, ["done", "held", "-", "-"]),
        ("held", {"reason_code": "RC331", "came": True}, ["done", "done", "held", "-"]),
        ("silent", {"reason_code": "RC210", "came": False}, ["silent", "-", "-", "-"]),
        ("failed", {"reason_code": "RC220", "came": False}, ["failed", "-", "-", "-"]),
        ("waiting", None, ["waiting"] * 4),
    ],
)
def test_the_stage_where_a_school_stopped(status: str, row: dict[str, object] | None, stages: list[str]):
    assert list(stages_of(status, row, is_published=True).values()) == stages


def test_what_a_release_would_move_is_what_it_moves(aftermath: Aftermath):
    assert aftermath.kept == aftermath.would_move
    then = {measure: pair[1] for measure, pair in aftermath.would_move.items()}
    on_roll_now, on_roll_then = aftermath.would_move["on_roll"]
    assert on_roll_now - then.pop("on_roll") == aftermath.vanished[0]
    assert on_roll_then > 0
    assert then == aftermath.moved


def test_a_night_that_never_was_has_a_page_that_says_so(register: Register):
    with connect(register.settings, "operator_reader") as connection:
        page = operator_page(connection, register.city, datetime.now(UTC))
    assert "No night was ever run" in page


def test_a_school_held_by_hand_waits_until_the_hold_ends(register: Register):
    rolls = [pupil("A")], [mark("A")]
    with connect(register.settings, "loader") as connection:
        hold_school(connection, ELM, "moves to another system until Monday")
    held = register.load(*rolls)
    assert (held.status, str(held.reason).split(": ")[1]) == ("held", "moves to another system until Monday")
    assert register.rows("select status, reason_code from ops.school_night") == [("held", "RC332")]
    assert register.load(*rolls, urn=OAK).status == "loaded"
    with connect(register.settings, "loader") as connection:
        assert end_hold(connection, ELM)
        assert not end_hold(connection, ELM)
    assert register.load(*rolls).status == "loaded"


def test_a_register_held_by_hand_can_be_released(register: Register):
    with connect(register.settings, "loader") as connection:
        hold_school(connection, ELM, "a half-finished import")
    assert register.load([pupil("A")], [mark("A")]).status == "held"
    assert register.load([pupil("A")], [mark("A")], release=True).status == "loaded"


def test_a_hold_needs_a_reason_and_a_school_of_the_city(tiny_city: TinyCity):
    with pytest.raises(SettingsError, match="lists no school 1"):
        nightly.hold(1, "why not")
    done = CliRunner().invoke(rollcall, ["hold", str(SILENT)])
    assert done.exit_code != 0
    assert "--why or --end" in done.output
