"""Board packs of one night beside those of nights later: what was hidden stays hidden, and the two give nothing away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rollcall.errors import ExportRefused
from rollcall.report.plan import Plan
from rollcall.report.plan_kept import read_plan
from rollcall.report.reading import Reader
from tests.packs.together import Cell, Sums, narrow, truth_of
from tests.story import Story
from tests.tiny_city import TinyCity


@dataclass(frozen=True)
class Edition:
    """One publication: every count, the sums between them, and what the packs show."""

    counts: dict[Cell, int]
    sums: Sums
    plan: Plan
    night: str

    @property
    def shown(self) -> dict[Cell, int]:
        """The counts that some pack of the edition shows."""
        known = self.plan.counts
        return {cell: self.counts[cell] for cell in known if cell in self.counts and cell not in self.plan.hidden}


def edition_of(tiny: TinyCity, folder: Path) -> Edition:
    with tiny.as_role("bi_reader") as connection:
        reader = Reader(connection)
        return Edition(*truth_of(tiny), read_plan(reader, folder), str(reader.published.night))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


@pytest.fixture(scope="session")
def first(tiny_city: TinyCity, folder: Path) -> Edition:
    """The publication before the three nights; evaluated by the first test, which does not tell the story yet."""
    return edition_of(tiny_city, folder)


@pytest.fixture(scope="session")
def second(first: Edition, story: Story, tiny_city: TinyCity, folder: Path) -> Edition:
    assert story.evenings
    return edition_of(tiny_city, folder)


def test_the_first_edition_gives_nothing_away(first: Edition):
    assert narrow(first.counts, first.sums, first.shown) == {}


def test_what_was_hidden_stays_hidden(first: Edition, second: Edition):
    assert first.night < second.night
    assert second.plan.hidden >= first.plan.hidden
    assert narrow(second.counts, second.sums, second.shown) == {}


def test_two_editions_side_by_side_give_no_hidden_count_away(first: Edition, second: Edition):
    """The reader knows of each count that is hidden in both whether it changed: where it did not, it is one unknown."""
    unchanged = {
        cell for cell, count in first.counts.items()
        if second.counts.get(cell) == count and cell not in first.shown and cell not in second.shown
    }  # fmt: skip
    assert len(unchanged) > 50

    def later(cell: Cell) -> Cell:
        return cell if cell in unchanged else (f"{cell[0]}, later", *cell[1:])

    counts = {**first.counts, **{later(cell): count for cell, count in second.counts.items()}}
    sums = [*first.sums, *((later(total), [later(part) for part in parts]) for total, parts in second.sums)]
    shown = {**first.shown, **{later(cell): count for cell, count in second.shown.items()}}
    assert narrow(counts, sums, shown) == {}


def test_a_damaged_plan_is_named_with_what_to_do_and_nothing_is_decided_anew(tiny_city: TinyCity, tmp_path: Path):
    edition_of(tiny_city, tmp_path)
    (path,) = tmp_path.glob("hidden-*.json")
    for damaged in (path.read_text(encoding="utf-8")[:-9], "[]", '{"decided_for": "x", "hidden": [["a"]]}'):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(ExportRefused, match=r"hidden-2025-26\.json cannot be read") as refused:
            edition_of(tiny_city, tmp_path)
        assert "backup" in refused.value.next_action
        assert path.read_text(encoding="utf-8") == damaged
