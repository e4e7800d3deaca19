"""What goes wrong on which night: the switchable defects, chosen from the schools at hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

FEED_DEFECTS = {
    "2026-07-09": {"plans": "cp1252", "admissions": "formula"},
    "2026-07-10": {"social_care": "silent", "plans": "bad_rows"},
}


def scenario(schools: pd.DataFrame, defects: str) -> dict[str, Any]:
    """`{"defects": {night: [{"urn", "kind"}]}, "feed_defects": {night: {feed: kind}}}`.

    Kinds of a school: silent, half_gone, bad_rows, zero_rows, cp1252, late, throttled; of a feed: silent, bad_rows,
    cp1252, formula. Only file schools and, for `throttled`, aggregator schools are touched; `none` gives a clean city.
    """
    nights: dict[str, list[dict[str, Any]]] = {}
    if defects == "none":
        return {"defects": nights, "feed_defects": {}}
    by_size = schools.sort_values(["roll", "urn"], ascending=[False, True])
    sftp = by_size.loc[(by_size["connector"] == "sftp") & (by_size["phase"] != "independent"), "urn"].tolist()
    folder = by_size.loc[
        (by_size["connector"] == "folder") & by_size["connector_settings"].eq("file=csv"), "urn"
    ].tolist()
    wonde = by_size.loc[by_size["connector"] == "wonde", "urn"].tolist()
    cast = (
        ("2026-07-09", "zero_rows", sftp, 5),
        ("2026-07-09", "cp1252", sftp, 4),
        ("2026-07-10", "silent", sftp, 1),
        ("2026-07-10", "half_gone", sftp, 2),
        ("2026-07-10", "bad_rows", sftp, 3),
        ("2026-07-10", "late", folder, 0),
        ("2026-07-10", "throttled", wonde, 0),
    )
    for night, kind, pool, place in cast:
        if place < len(pool):
            nights.setdefault(night, []).append({"urn": int(pool[place]), "kind": kind})
    return {"defects": nights, "feed_defects": FEED_DEFECTS}
