"""The walks of the first steps: three of them, each of commands that exist; and one query typed at the command line."""

from __future__ import annotations

from click.testing import CliRunner

from rollcall.cli.main import COMMANDS, rollcall
from rollcall.errors import SettingsError
from scripts.first_steps import walks
from tests.story import Story
from tests.tiny_city import TinyCity


def test_there_are_three_walks_of_few_commands():
    found = walks()
    assert [title.split(":")[0] for title in found] == ["A leader", "An analyst", "An engineer"]
    assert all(1 < len(commands) <= 6 for commands in found.values())
    typed = {
        command.split()[1] for commands in found.values() for command in commands if command.startswith("rollcall ")
    }
    assert typed <= set(COMMANDS)


def test_a_query_is_answered_by_the_readers_role(tiny_city: TinyCity, story: Story):
    assert story.evenings
    done = CliRunner().invoke(rollcall, ["ask", "select current_user as who, count(*) as sets from serve.publication"])
    assert done.exit_code == 0
    assert "rollcall_bi_reader" in done.output


def test_a_query_beyond_the_readers_rights_is_refused_without_a_value(tiny_city: TinyCity, story: Story):
    assert story.evenings
    done = CliRunner().invoke(rollcall, ["ask", "select surname from identity.pupil"])
    assert isinstance(done.exception, SettingsError)
    assert "permission denied" in str(done.exception)
