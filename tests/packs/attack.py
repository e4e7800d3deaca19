"""What can be worked out of a board pack: every count that its page shows, every sum that its reader knows."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.report.attacker import ranges
from tests.tiny_city import TinyCity

COLUMNS = ("enrolments", "persistent", "severe")
DIMENSIONS = ("year group", "sex", "free school meals", "SEN provision", "EAL", "looked after")
Key = tuple[str, str, str]


def narrow_counts(tiny: TinyCity, kind: str, area: str, html: str) -> tuple[int, dict[Key, tuple[float, float]]]:
    """How many small counts the page hides, and those of them that a reader can bound to a range under five."""
    truth = _truth(tiny, kind, area)
    seen = {
        (family, key, name): int(text.replace(",", ""))
        for name, family, key, text in _cells(html)
        if re.fullmatch(r"[\d,]+", text)
    }
    assert {key: seen[key] for key in seen if key[1] != "phase"} == {
        key: truth[key] for key in seen if key[1] != "phase"
    }, "the page's counts are the mart's"
    small = [key for key, count in truth.items() if 0 < count < 5]
    shown = [key for key in small if key in seen]
    assert shown == []
    sums: list[tuple[Key, list[Key]]] = []
    families: dict[tuple[str, str], list[str]] = defaultdict(list)
    for family, key, name in truth:
        if name == "enrolments":
            sums.append(((family, key, "enrolments"), [(family, key, "persistent"), (family, key, "not persistent")]))
            sums.append(((family, key, "persistent"), [(family, key, "severe"), (family, key, "not severe")]))
            if family != "headline":
                families[family, key.split("|")[0] if family == "groups" else ""].append(key)
    for (family, _), keys in families.items():
        for name in (*COLUMNS, "not persistent", "not severe"):
            sums.append((("headline", "own", name), [(family, key, name) for key in keys]))
    bounds = ranges(seen, small, sums)
    return len(small), {key: ends for key, ends in bounds.items() if ends[1] - ends[0] < 5}


def _cells(html: str) -> list[tuple[str, str, str, str]]:
    found = re.findall(r'data-measure="(\w+)\.(\w+)" data-key="([^"]*)">([^<]*)<', html)
    return [(name, family, key, text) for family, name, key, text in found if name in COLUMNS]


def _truth(tiny: TinyCity, kind: str, area: str) -> dict[Key, int]:
    counts = "sum(enrolments), sum(enrolments_persistently_absent), sum(enrolments_severely_absent)"
    where = "urn = %s::integer" if kind == "school" else "urn in (select urn from serve.dim_schools where trust = %s)"
    own = tiny.rows(
        f"select urn, {counts} from serve.agg_school_absence where period_type = 'year' and {where} group by urn",
        [area],
    )
    found: dict[Key, int] = {}
    _put(found, "headline", "own", [sum(row[place] or 0 for row in own) for place in (1, 2, 3)])
    if kind == "trust":
        for urn, *row in own:
            if row[0]:
                _put(found, "schools", str(urn), row)
    groups = tiny.rows(
        f"select dimension, group_name, {counts} from serve.agg_group_absence where area_type = %s and area = %s"
        " and period_type = 'year' and dimension = any(%s) and enrolments > 0 group by dimension, group_name",
        [kind, area, list(DIMENSIONS)],
    )
    for dimension, name, *row in groups:
        _put(found, "groups", f"{dimension}|{name}", row)
    return found


def _put(found: dict[Key, int], family: str, key: str, row: list[int]) -> None:
    for name, count in zip(COLUMNS, row, strict=True):
        found[family, key, name] = int(count)
    found[family, key, "not persistent"] = int(row[0] - row[1])
    found[family, key, "not severe"] = int(row[1] - row[2])
