"""The plan of a publication as it is kept in the folder of the packs, so that later ones of the year hide the same."""

from __future__ import annotations

import json
from pathlib import Path

from rollcall.errors import ExportRefused
from rollcall.report.disclosure import FEWEST_SCHOOLS, SMALLEST_COUNT, SMALLEST_DENOMINATOR, SMALLEST_WIDTH
from rollcall.report.plan import Key, Plan, all_counts, make_plan
from rollcall.report.plan_queries import ALL_GROUPS, ALL_SCHOOLS, DIMENSIONS
from rollcall.report.reading import Reader


def read_plan(reader: Reader, folder: Path) -> Plan:
    """The plan of the published set: as kept in the folder where it was decided before, else decided now and kept there.

    The file holds names of hidden counts, never a count. Raises ``ExportRefused`` where it cannot be read.
    """
    published = reader.published
    path = folder / f"hidden-{published.academic_year.replace('/', '-')}.json"
    decided_before, before = _kept(path)
    # a night that is published again may have other counts: then it is decided again
    at = reader.rows("select published_at from serve.publication")[0]["published_at"]
    decided_for = f"{at.isoformat()}, {SMALLEST_COUNT}, {SMALLEST_DENOMINATOR}, {SMALLEST_WIDTH}, {FEWEST_SCHOOLS}"
    if decided_before == decided_for:
        schools, groups = reader.rows(ALL_SCHOOLS), reader.rows(ALL_GROUPS, dimensions=list(DIMENSIONS))
        return Plan(all_counts(schools, groups), frozenset(before))
    plan = make_plan(reader, before)
    hidden = sorted(plan.hidden | before)
    text = json.dumps({"decided_for": decided_for, "hidden": hidden}, ensure_ascii=False)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".part")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
    return Plan(plan.counts, frozenset(hidden))


def _kept(path: Path) -> tuple[str, set[Key]]:
    """What the file was decided for, and what it hides; nothing where there is none yet."""
    if not path.is_file():
        return "", set()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return told["decided_for"], {
            (area, dimension, group, column) for area, dimension, group, column in told["hidden"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ExportRefused(
            f"{path.name} cannot be read, so nobody knows what earlier board packs of the year hid.",
            next_action="Put it back from the backup of the packs' folder; without one take it away: packs decide anew.",
        ) from error
