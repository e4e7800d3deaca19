"""Rollcall's pages inside Airflow's web server: the operator's page, live, and the published pages, as they were written.

Whoever may log in to Airflow may read them: they hold schools, counts and suppressed figures, and no child. What names a
child (packs, work lists) lies in other folders and is never served here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.responses import FileResponse, HTMLResponse

from rollcall.city import load_city
from rollcall.errors import RollcallError
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect

OPEN_PAGES: Final = ("index.html", "city-report.html", "city-report.pdf", "city-report.json")
OPEN_FOLDERS: Final = ("editions", "catalogue", "data-docs")
_KINDS: Final = {
    ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".gif": "image/gif", ".ico": "image/x-icon",
}  # fmt: skip
_NO_SCRIPT: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
_OWN_SCRIPT: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self' data:; frame-ancestors 'self'"
)
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@cache
def application() -> FastAPI:
    """The application that Airflow mounts; every route asks for a logged-in user."""
    app = FastAPI(title="Rollcall", dependencies=[Depends(get_user)], docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/tonight", response_class=HTMLResponse)(tonight)
    app.get("/pages/{path:path}")(published)
    return app


def tonight(night: Annotated[date | None, Query()] = None) -> HTMLResponse:
    """The operator's page of a night, by default the newest, as it stands now."""
    from rollcall.report.operator import operator_page

    settings = load_settings()
    try:
        with connect(settings, "operator_reader") as connection:
            page = operator_page(connection, load_city(settings.city_folder), datetime.now(UTC), night)
    except RollcallError as error:
        raise HTTPException(503, f"{error.code} {error.reason} Next: {error.next_action}") from error
    return HTMLResponse(page, headers={**_HEADERS, "Content-Security-Policy": _NO_SCRIPT})


def published(path: str) -> FileResponse:
    """One published page that any of Airflow's users may read; anything else does not exist here."""
    root = load_settings().published.resolve()
    file = _inside(root, path)
    if file is None:
        raise HTTPException(404, "There is no such page.")
    has_script = file.relative_to(root).parts[0] in ("catalogue", "data-docs")
    policy = _OWN_SCRIPT if has_script else _NO_SCRIPT
    headers: dict[str, Any] = {**_HEADERS, "Content-Security-Policy": policy}
    return FileResponse(file, media_type=_KINDS[file.suffix], headers=headers)


def _inside(root: Path, path: str) -> Path | None:
    """The file that ``path`` names, if it is one of the open pages: no link, no way out, a known kind."""
    file = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file() or file.suffix not in _KINDS:
        return None
    parts = file.relative_to(root).parts
    return file if (len(parts) == 1 and parts[0] in OPEN_PAGES) or parts[0] in OPEN_FOLDERS else None
