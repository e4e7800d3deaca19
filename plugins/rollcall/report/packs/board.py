"""The board pack: a school's or a trust's attendance for governors and trustees, counts only, under disclosure."""

from __future__ import annotations

from pathlib import Path

from rollcall.city import City
from rollcall.errors import ExportRefused
from rollcall.report.packs.board_parts import (
    doing_part,
    groups_part,
    headline_part,
    place_part,
    schools_part,
    weeks_part,
)
from rollcall.report.packs.pack import Pack, read_coverage
from rollcall.report.plan_kept import read_plan
from rollcall.report.reading import Reader


def board_pack(reader: Reader, city: City, urn: int | None, trust: str, folder: Path) -> Pack:
    """The pack of one school (``urn``) or of one trust, year to date; ``folder`` keeps what the year's packs hide.

    Raises ``ExportRefused`` for a trust that no school belongs to, or where nothing is known yet.
    """
    if urn is not None:
        urns, area_type, area, scope, slug = [urn], "school", str(urn), city.schools[urn].label, str(urn)
    else:
        urns = sorted(school.urn for school in city.schools.values() if trust and school.trust == trust)
        area_type, area, scope, slug = "trust", trust, trust, "".join(c if c.isalnum() else "-" for c in trust)
    if not urns:
        trusts = sorted({school.trust for school in city.schools.values() if school.trust})
        raise ExportRefused(f"No school belongs to the trust {trust}.", next_action=f"One of: {', '.join(trusts)}.")
    coverage = read_coverage(reader, urns)
    if not coverage.sessions_known:
        raise ExportRefused(f"Nothing is known of {scope} yet.", next_action="See `rollcall status`.")
    plan = read_plan(reader, folder)
    parts = [
        headline_part(reader, plan, urns, area if urn is not None else f"trust {trust}", scope),
        weeks_part(reader, urns),
        *([place_part(reader, urns[0])] if urn is not None else [schools_part(reader, plan, urns)]),
        groups_part(reader, plan, area_type, area),
        doing_part(reader, urns),
    ]
    return Pack(
        "board",
        "Attendance: for governors" if urn is not None else "Attendance: for trustees",
        scope,
        slug,
        "Governors of the school" if urn is not None else "Trustees",
        reader.published,
        coverage,
        (),
        parts,
    )
