"""The demo begins anew where an earlier one was left, and touches nobody else's home."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rollcall.settings import PROJECT_ROOT


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(PROJECT_ROOT))
    from scripts import demo

    return demo


def test_an_empty_home_becomes_a_demos(demo: Any, tmp_path: Path):
    demo.begin_anew(tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == [demo.MARK]


def test_what_an_earlier_demo_left_is_stopped_and_removed(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = tmp_path / "home"
    monkeypatch.setenv("ROLLCALL_HOME", str(home))
    demo.begin_anew(home)
    (home / "run").mkdir()
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    (home / "run" / "airflow-scheduler.pid").write_text(str(left.pid))
    (home / "landing").mkdir()
    demo.begin_anew(home)
    assert [path.name for path in home.iterdir()] == [demo.MARK]
    assert left.wait(5) < 0


def test_a_home_that_is_not_a_demos_is_left_alone(demo: Any, tmp_path: Path):
    home = tmp_path / "home"
    (home / "secrets").mkdir(parents=True)
    with pytest.raises(SystemExit, match="is left alone"):
        demo.begin_anew(home)
    assert (home / "secrets").is_dir()
