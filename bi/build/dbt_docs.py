"""What dbt says of a published column: its description and its type, read from the models' own files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from rollcall.settings import PROJECT_ROOT

MODELS: Final = PROJECT_ROOT / "dbt_project" / "models"
_BLOCK: Final = re.compile(r"{%\s*docs (\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_REFERENCE: Final = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")


@dataclass(frozen=True)
class Column:
    """A column of a published model: one paragraph of text, and its type in the warehouse."""

    description: str
    data_type: str


@cache
def published_columns() -> dict[tuple[str, str], Column]:
    """(model, column) -> what dbt says of it, for every model of the marts and reports."""
    blocks: dict[str, str] = {}
    for page in sorted(MODELS.rglob("*.md")):
        blocks.update({name: " ".join(text.split()) for name, text in _BLOCK.findall(page.read_text(encoding="utf-8"))})
    found: dict[tuple[str, str], Column] = {}
    for folder in ("marts", "reports"):
        for path in sorted((MODELS / folder).rglob("*.yml")):
            loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            for model in loaded.get("models", []):
                for column in model.get("columns", []):
                    text = _REFERENCE.sub(lambda match: blocks[match.group(1)], column["description"])
                    said = Column(" ".join(text.split()), column.get("data_type", "text"))
                    found[model["name"], column["name"]] = said
    return found
