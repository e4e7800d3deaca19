"""An attack on the whole page at once: every count that it shows, every sum that a reader knows."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from tests.report.expected import Expected
from tests.report.page_reader import Shown
from tests.report.served import STATISTICS, ethnic_groups

Key = tuple[str, ...]
PARTS = ("cohort", "persistent", "severe")
GEO = Path(__file__).parents[2] / "city" / "geo" / "lsoas.geojson"


def ward_of() -> dict[str, str]:
    """LSOA -> ward, as the published boundaries say."""
    features = json.loads(GEO.read_text(encoding="utf-8"))["features"]
    found = {
        code: ward
        for item in features
        for code, ward in zip(item["properties"]["codes"], item["properties"]["wards"], strict=True)
    }
    return {**found, "outside the city": "outside the city"}


def truth_of(expected: Expected) -> dict[Key, int]:
    """Every count of children (or sessions of a reason) that the page is made of, shown or not."""
    counts: dict[Key, int] = {}
    for phase, row in {**expected.phases, "statistics": expected.total}.items():
        _put(counts, ("phases", phase), row)
    for phase, row in expected.others.items():
        _put(counts, ("others", phase), row)
    for key, row in expected.groups.items():
        _put(counts, ("groups", key), row)
    for (name, phase), children in expected.movers.items():
        counts["movers", phase, name] = children
    for code, (_, sessions, _) in expected.reasons.items():
        counts["reasons", code, "sessions"] = sessions
    return counts


def _put(counts: dict[Key, int], place: Key, row: tuple[int, ...]) -> None:
    for name, count in zip(PARTS, row, strict=False):
        counts[*place, name] = count
    counts[*place, "not persistent"] = row[0] - row[1]
    counts[*place, "not severe"] = row[1] - row[2]


def sums_of(expected: Expected, counts: dict[Key, int]) -> list[tuple[Key, list[Key]]]:
    """Every sum that a reader of the page knows to hold, as total and parts."""
    sums: list[tuple[Key, list[Key]]] = []
    places = {key[:2] for key in counts if key[0] in ("phases", "others", "groups")}
    for place in places:
        sums.append(((*place, "cohort"), [(*place, "not persistent"), (*place, "persistent")]))
        sums.append(((*place, "persistent"), [(*place, "not severe"), (*place, "severe")]))
    families: dict[Key, list[Key]] = defaultdict(list)
    total = ("phases", "statistics")
    families[total] = []
    partitions = [[("phases", phase) for phase in STATISTICS if phase in expected.phases]]
    dimensions: dict[str, list[Key]] = defaultdict(list)
    for key in expected.groups:
        dimensions[key.split("|")[0]].append(("groups", key))
    partitions += [rows for name, rows in dimensions.items() if name not in ("ethnicity", "LSOA", "IMD decile", "all")]
    major, ward = ethnic_groups(), ward_of()
    nested: dict[Key, list[Key]] = defaultdict(list)
    for _, key in dimensions["ethnicity"]:
        nested["groups", f"ethnic group|{major[key.split('|')[1]]}"].append(("groups", key))
    for _, key in dimensions["LSOA"]:
        nested["groups", f"ward of residence|{ward[key.split('|')[1]]}"].append(("groups", key))
    for layer in (*PARTS, "not persistent", "not severe"):
        sums += [((*total, layer), [(*row, layer) for row in rows]) for rows in partitions]
        sums += [((*above, layer), [(*row, layer) for row in rows]) for above, rows in nested.items()]
    phases = {phase for kind, phase, *_ in counts if kind == "movers"} - {"All"}
    for name in {key[2] for key in counts if key[0] == "movers"}:
        sums.append((("movers", "All", name), [("movers", phase, name) for phase in phases]))
    for category in {category for category, _, _ in expected.reasons.values()}:
        codes = [code for code, (kind, _, _) in expected.reasons.items() if kind == category]
        sums.append((("reasons", category, "sessions"), [("reasons", code, "sessions") for code in codes]))
    return sums


def place_of(shown: Shown) -> Key | None:
    """The count that a number of the page is; None for those that are no count of children."""
    family, _, name = shown.measure.partition(".")
    if family == "headline" and name in PARTS:
        return ("phases", "statistics", name)
    if family in ("phases", "groups") and name in PARTS:
        return (family, shown.key, name)
    if family == "others" and name in ("enrolments", "persistent", "severe"):
        return ("others", shown.key, "cohort" if name == "enrolments" else name)
    if family in ("movers", "reasons") and name != "per_1000":
        return (family, shown.key, name)
    return None


def sensitive_of(expected: Expected, counts: dict[Key, int]) -> set[Key]:
    """The counts that the rules hide for what they are; an unseen rest of one to four is one of them."""
    found = {key for key, count in counts.items() if 0 < count < 5 and key[0] != "reasons"}
    found |= {("reasons", code, "sessions") for code, (_, _, children) in expected.reasons.items() if 0 < children < 5}
    for family, rows in (("phases", expected.phases), ("others", expected.others), ("groups", expected.groups)):
        for key, row in rows.items():
            if 0 < row[0] < 23:
                found |= {(family, key, name) for name in PARTS[1:]}
            if row[1] == row[0] > 0:
                found.add((family, key, "persistent"))
            if row[2] == row[1] > 0:
                found.add((family, key, "severe"))
            if row[8] == 1:
                found |= {(family, key, name) for name in PARTS if counts[family, key, name]}
    return found
