"""Superset's built scripts and styles, compressed once and served past Superset's request stack.

Superset compresses each of them anew at every request, between a session, a content policy and a database look-up that a
script has no use for. Their names carry a hash of what is in them, so a browser may keep them for ever.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import brotli

_PREFIX: Final = "/static/assets/"
_NAME: Final = re.compile(r"(?:[\w-]+\.)*[0-9a-f]{20}\.[\w.]*(?:js|css)")
"""The names with a hash, of scripts and styles; nothing else is served here, and no name has a folder in it."""
_QUALITY: Final = 9
_BLOCK: Final = 64 * 1024

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def compress_all(assets: Path, folder: Path) -> int:
    """Write what is missing of the compressed files into a folder; returns how many were written. Safe to repeat.

    A file that was changed in place after it was compressed is compressed again.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing = [
        path for path in assets.iterdir() if _NAME.fullmatch(path.name) and not _is_fresh(path, folder / path.name)
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda path: _compress(path, folder / path.name), missing))
    return len(missing)


def _is_fresh(source: Path, compressed: Path) -> bool:
    return compressed.is_file() and compressed.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _compress(source: Path, target: Path) -> None:
    aside = target.with_suffix(target.suffix + ".part")
    aside.write_bytes(brotli.compress(source.read_bytes(), quality=_QUALITY))
    aside.replace(target)


class CompressedAssets:
    """WSGI middleware: answers for hashed assets that lie compressed in a folder, hands everything else on."""

    def __init__(self, application: Application, folder: Path) -> None:
        self._application = application
        self._files = {path.name: path for path in folder.glob("*") if _NAME.fullmatch(path.name)}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        address = environ.get("PATH_INFO", "")
        path = self._files.get(address.removeprefix(_PREFIX)) if address.startswith(_PREFIX) else None
        accepted = {part.split(";")[0].strip() for part in environ.get("HTTP_ACCEPT_ENCODING", "").split(",")}
        if path is None or "br" not in accepted or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        start_response("200 OK", [
            ("Content-Type", f"{mimetypes.guess_type(path.name)[0]}; charset=utf-8"),
            ("Content-Encoding", "br"),
            ("Content-Length", str(path.stat().st_size)),
            ("Cache-Control", "public, max-age=31536000, immutable"),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
        ])  # fmt: skip
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        wrap = environ.get("wsgi.file_wrapper")
        opened = path.open("rb")
        return wrap(opened, _BLOCK) if wrap else iter(lambda: opened.read(_BLOCK), b"")
