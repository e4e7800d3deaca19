"""What is written must be so: codes have pages, links lead somewhere, commands exist, cited tests are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rollcall.cli.main import COMMANDS
from rollcall.errors import RollcallError

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "runbook"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
CODE = re.compile(r'"(RC\d{3})"')


def codes_in_the_library() -> set[str]:
    """Every code that some module of the library writes, without the one of the common base."""
    modules = (ROOT / "plugins" / "rollcall").rglob("*.py")
    found = {code for module in modules for code in CODE.findall(module.read_text(encoding="utf-8"))}
    return found - {RollcallError.code}


def test_every_code_has_a_page_and_every_page_a_code():
    pages = {page.stem for page in RUNBOOK.glob("RC*.md")}
    assert codes_in_the_library() == pages


def test_the_runbook_lists_every_page():
    listed = set(re.findall(r"\((RC\d{3}\.md)\)", (RUNBOOK / "README.md").read_text(encoding="utf-8")))
    assert {page.name for page in RUNBOOK.glob("RC*.md")} <= listed


@pytest.mark.parametrize("page", sorted(RUNBOOK.glob("RC*.md")), ids=lambda page: page.stem)
def test_a_page_says_what_is_seen_why_what_to_press_and_how_it_was_rehearsed(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}: ")
    for part in ("**What you see.**", "**Why.**", "**What to press.**", "**Rehearsed by.**"):
        assert part in text


def test_every_test_that_a_page_names_exists():
    known = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))}
    assert named, "the runbook names no test at all"
    assert sorted(name for name in named if f"def {name}(" not in known) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_commands_of_the_pages_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    made = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", text, re.MULTILINE))
    assert {one or other for one, other in made} <= targets
    typed = set(re.findall(r"`rollcall ([a-z-]+)", text))
    assert typed, "no page names a command"
    assert typed <= set(COMMANDS)


def test_the_readme_lists_every_command_and_fits_one_screen():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"\| `rollcall \.\.\.` .*?\n\n", text, re.DOTALL)
    assert table is not None
    assert set(re.findall(r"`([a-z-]+)(?: [A-Z ]+)?`", table.group())) >= set(COMMANDS)
    assert len(text.splitlines()) <= 70


def test_every_decision_is_listed_and_says_context_decision_and_consequence():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    assert len(records) >= 1
    for record in records:
        assert f"({record.name})" in index
        for part in ("**Context.**", "**Decision.**", "**Consequence.**"):
            assert part in record.read_text(encoding="utf-8"), f"{record.name} lacks {part}"
