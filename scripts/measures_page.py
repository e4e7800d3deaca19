"""Write docs/measures/ledger.md from the seed of measures: `python scripts/measures_page.py`; a test keeps them equal."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LEDGER: Final = ROOT / "dbt_project" / "seeds" / "measures.csv"
PAGE: Final = ROOT / "docs" / "measures" / "ledger.md"
_HEAD: Final = """# The ledger of measures

Every measure that Rollcall publishes, by family; the same rows can be asked as `serve.dim_measures`. Written from
`dbt_project/seeds/measures.csv` by `scripts/measures_page.py`: change the seed, not this page.
"""


def rows() -> list[dict[str, str]]:
    """The ledger, one row a measure."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page() -> str:
    """The page as it must read."""
    parts = [_HEAD]
    for family, members in groupby(rows(), key=lambda row: row["family"]):
        parts.append(f"\n## {family}\n")
        for row in members:
            rule = f"{row['numerator']} / {row['denominator']}" if row["denominator"] else row["numerator"]
            parts.append(f"\n**`{row['measure']}`** {row['sentence']}\n\n- Formula: {rule}.")
            parts += [
                f"\n- {title}: {row[name]}."
                for title, name in (("Codes", "codes"), ("Cohort", "cohort"), ("Periods", "periods"),
                                    ("Grain", "grain"), ("Source", "source"), ("Differs from", "differs_from"))
                if row[name]
            ]  # fmt: skip
            parts.append(f"\n- Proved by: {row['tests'].replace('; ', ', ')}.\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
