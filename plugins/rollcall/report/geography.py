"""Boundaries of a city's wards and LSOAs as shapes of a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any, Final

from rollcall.city import City
from rollcall.settings import PROJECT_ROOT

WIDTH: Final = 1000
_CLOSE: Final = 2.0
"""Points nearer to each other than this (in the picture's own units) are drawn as one."""

Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True)
class Shape:
    """One shape: codes, names and wards of its areas, its SVG path, and where its label goes."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    wards: tuple[str, ...]
    path: str
    label_at: Point


@dataclass(frozen=True)
class Outline:
    """All shapes of one file, the height of the picture, and who must be named beside it."""

    shapes: tuple[Shape, ...]
    height: int
    attribution: str


def read_outline(city: City, name: str) -> Outline | None:
    """The boundaries ``wards`` or ``lsoas``: the city folder's own, else the project's if they are of this authority.

    None where neither is there: the page then has its tables and no map.
    """
    for folder in (city.folder / "geo", PROJECT_ROOT / "city" / "geo"):
        path = folder / f"{name}.geojson"
        if path.is_file():
            outline = _outline(path, city.la_code)
            if outline is not None:
                return outline
    return None


def _outline(path: Path, la_code: str) -> Outline | None:
    loaded = json.loads(path.read_text(encoding="utf-8"))
    if str(loaded.get("la_code")) != la_code:
        return None
    areas = [(feature["properties"], _rings(feature["geometry"])) for feature in loaded["features"]]
    points = [point for _, rings in areas for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    # a degree of longitude is shorter than one of latitude by the cosine of the latitude
    narrow = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrow)

    def place(point: Point) -> Point:
        return ((point[0] - west) * narrow * scale, (north - point[1]) * scale)

    shapes = [_shape(properties, [[place(point) for point in ring] for ring in rings]) for properties, rings in areas]
    return Outline(tuple(shapes), round((north - south) * scale), str(loaded["attribution"]))


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def _shape(properties: dict[str, Any], rings: list[Ring]) -> Shape:
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    path = "".join(_path(ring) for ring in rings)
    return Shape(
        tuple(properties["codes"]),
        tuple(properties["names"]),
        tuple(properties.get("wards", ())),
        path,
        _middle(largest),
    )


def _path(ring: Ring) -> str:
    kept = [ring[0]]
    for point in ring[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= _CLOSE:
            kept.append(point)
    return "M" + "L".join(f"{round(x)} {round(y)}" for x, y in kept) + "Z"


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _middle(ring: Ring) -> Point:
    area = _area(ring)
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * area)
    return (x, y)
