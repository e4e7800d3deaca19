"""The index of everything published: a small register of pages (``pages.json``), and the page that lists them."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rollcall.city import City
from rollcall.report.templating import page_environment


@dataclass(frozen=True)
class Entry:
    """A page of the index: its group, title and path; ``also`` other forms of it (label -> path), ``note`` a remark."""

    group: str
    title: str
    path: str
    night: str
    also: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def register_pages(
    folder: Path, city: City, entries: Sequence[Entry], order: Sequence[str] = (), whole: str = ""
) -> None:
    """Put pages into the register, replacing those of the same path, and write the index anew.

    ``order``: groups to list first; others follow by name, the newest page first in each. ``whole``: a group of which the
    entries are all, so that pages of it that are not among them go. Whoever publishes pages of their own calls this with
    them; a path may also be a full address. Several tasks of a night do: each waits for the one before.
    """
    with alone(folder):
        _register_pages(folder, city, entries, order, whole)


def _register_pages(folder: Path, city: City, entries: Sequence[Entry], order: Sequence[str], whole: str) -> None:
    known = _register(folder)
    pages = {page["path"]: page for page in known["pages"] if not whole or page["group"] != whole} | {
        entry.path: asdict(entry) for entry in entries
    }
    groups = list(dict.fromkeys([*order, *known["order"], *sorted({page["group"] for page in pages.values()})]))
    kept = sorted(pages.values(), key=lambda page: page["path"])
    write_aside(folder / "pages.json", json.dumps({"order": groups, "pages": kept}, indent=2).encode())
    listed = [
        (group, sorted((page for page in kept if page["group"] == group), key=lambda page: page["night"], reverse=True))
        for group in groups
    ]
    html = page_environment().get_template("index.html.j2").render(
        city=city, groups=[(group, pages_of) for group, pages_of in listed if pages_of]
    )  # fmt: skip
    write_aside(folder / "index.html", html.encode())


def nights_of_pages(folder: Path) -> dict[str, str]:
    """The night of every page of the register, by path."""
    return {page["path"]: page["night"] for page in _register(folder)["pages"] if (folder / page["path"]).is_file()}


def _register(folder: Path) -> dict[str, Any]:
    path = folder / "pages.json"
    if not path.is_file():
        return {"order": [], "pages": []}
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process works alone in the folder, and keep others waiting until this one is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into it, so that nobody ever opens half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(path.suffix + ".part")
    aside.write_bytes(content)
    aside.replace(path)
