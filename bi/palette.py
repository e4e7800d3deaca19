"""The Government Analysis Function's palettes for charts, and the look of the pages."""

from __future__ import annotations

import base64
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
_READABLE_GREY: Final = "#595959"
_SPINNER: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 50" role="img" aria-label="Loading">'
    f'<circle cx="25" cy="25" r="20" fill="none" stroke="{SEQUENTIAL[2]}" stroke-width="6"/>'
    f'<path d="M25 5a20 20 0 0 1 20 20" fill="none" stroke="{DARK_BLUE}" stroke-width="6">'
    '<animateTransform attributeName="transform" type="rotate" from="0 25 25" to="360 25 25" dur="1s"'
    ' repeatCount="indefinite"/></path></svg>'
)
_LOGO: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 24" width="96" height="24">'
    f'<text x="0" y="18" font-family="Arial, Helvetica, sans-serif" font-size="19" font-weight="bold" fill="{DARK_BLUE}">'
    "Rollcall</text></svg>"
)
THEME: Final[dict[str, Any]] = {
    "token": {
        "brandAppName": "Rollcall",
        "brandLogoAlt": "Rollcall",
        "brandLogoUrl": "data:image/svg+xml;base64," + base64.b64encode(_LOGO.encode()).decode(),
        "brandLogoHeight": "24px",
        "brandLogoMargin": "18px 0",
        "brandLogoHref": "/",
        "brandSpinnerSvg": _SPINNER,
        "colorPrimary": DARK_BLUE,
        "colorLink": DARK_BLUE,
        # what Superset shows too pale to be read by everyone
        **dict.fromkeys(
            (
                "colorTextPlaceholder",
                "colorTextDescription",
                "colorTextTertiary",
                "colorTextQuaternary",
                "colorTextDisabled",
            ),
            _READABLE_GREY,
        ),
        "fontUrls": [],
        "fontFamily": "Arial, Helvetica, sans-serif",
    },
    "algorithm": "default",
}
