"""The Government Analysis Function's palettes for charts, and the look of the pages."""

from __future__ import annotations

from typing import Any, Final

CATEGORICAL: Final = ["#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"]
SEQUENTIAL: Final = ["#12436D", "#2073BC", "#6BACE6"]
DARK_BLUE: Final = CATEGORICAL[0]
SCHEME: Final = "analysisFunction"
_SOURCE: Final = "Government Analysis Function, Data visualisation: colours in charts"

CATEGORICAL_SCHEMES: Final[list[dict[str, Any]]] = [
    {
        "id": SCHEME,
        "description": _SOURCE,
        "label": "Analysis Function, categorical",
        "isDefault": True,
        "colors": CATEGORICAL,
    }
]
SEQUENTIAL_SCHEMES: Final[list[dict[str, Any]]] = [
    {
        "id": "analysisFunctionSequential",
        "description": _SOURCE,
        "label": "Analysis Function, sequential",
        "isDiverging": False,
        "isDefault": True,
        "colors": SEQUENTIAL[::-1],
    }
]
THEME: Final[dict[str, Any]] = {
    "token": {
        "brandAppName": "Rollcall",
        "brandLogoAlt": "Rollcall",
        "brandLogoHref": "/",
        "colorPrimary": DARK_BLUE,
        "colorLink": DARK_BLUE,
        "fontUrls": [],
        "fontFamily": "Arial, Helvetica, sans-serif",
    },
    "algorithm": "default",
}
