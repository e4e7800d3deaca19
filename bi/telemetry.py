"""Take the tracking pixel out of Superset's built pages: `python -m bi.telemetry`, once after an installation.

Superset 6.1.0 asks an outside host for it on every page, whatever SCARF_ANALYTICS says: the choice was made when its
wheel was built. Our content security policy would stop the request; without the address nothing is asked at all.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Final

_PIXEL: Final = "https://apachesuperset.gateway.scarf.sh/pixel/"
_NOTHING: Final = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=#"


def assets() -> Path:
    """Folder of the pages that Superset's wheel carries; raises ``FileNotFoundError`` where Superset is not installed."""
    found = importlib.util.find_spec("superset")
    if found is None or found.origin is None:
        raise FileNotFoundError("Superset is not installed here: run `make bi`.")
    return Path(found.origin).parent / "static" / "assets"


def remove_pixel(folder: Path) -> int:
    """Put an empty picture in the pixel's place; returns how many files were changed. Safe to repeat."""
    changed = 0
    for script in folder.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        if _PIXEL in text:
            script.write_text(text.replace(_PIXEL, _NOTHING), encoding="utf-8")
            changed += 1
    return changed


if __name__ == "__main__":
    remove_pixel(assets())
    sys.exit(0)
