"""The benchmarks and scripts are no part of the product, but they use it: each of them can be imported as it stands."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from rollcall.settings import PROJECT_ROOT

TOOLS = [
    f"{path.parent.name}.{path.stem}"
    for folder in ("benchmarks", "scripts")
    for path in sorted((PROJECT_ROOT / folder).glob("*.py"))
    if path.stem != "__init__"
]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_takes_from_the_product_is_there(tool: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(PROJECT_ROOT)
    monkeypatch.syspath_prepend(str(PROJECT_ROOT))
    module = importlib.import_module(tool)
    assert Path(str(module.__file__)).parent.parent == PROJECT_ROOT
