"""Editions: the page of each published night, of the last night of each week and term, their PDF, and their index."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from rollcall.city import City
from rollcall.report.index import Entry, alone, nights_of_pages, register_pages, write_aside
from rollcall.report.pdf import write_pdf
from rollcall.report.reading import Published
from rollcall.report.words import day_text

NEWEST: Final = "City report"
WEEKLY: Final = "Weekly editions"
TERMLY: Final = "Termly editions"
NIGHTLY: Final = "Nightly editions"
NEWEST_PAGE: Final = "city-report.html"
MANIFEST: Final = "city-report.json"
EDITIONS: Final = "editions"
FOLLOWS: Final = "The PDF follows."


def keep_editions(page: str, published: Published, city: City, folder: Path) -> list[Path]:
    """Write the page as the newest report and as the editions that it belongs to; ``write_paper`` adds their PDF.

    An edition of a week or term is that of its last published night: an earlier night that is published again never
    replaces a later one. The PDF of a page that is replaced goes: it would show another night than the page beside it.
    Returns the files written, relative to the folder.
    """
    with alone(folder / EDITIONS):
        kept = nights_of_pages(folder)
        entries = [
            Entry(group, title, place, str(published.night))
            for group, title, place in _editions(published, city)
            if kept.get(place, "") <= str(published.night)
        ]
        entries.append(Entry(NEWEST, "City report", NEWEST_PAGE, str(published.night)))
        # the newest page first: it is the one that people open
        for entry in reversed(entries):
            _paper_of(folder, entry).unlink(missing_ok=True)
            write_aside(folder / entry.path, page.encode())
        manifest = {
            "night": str(published.night),
            "known_at": published.known_at.isoformat(),
            "code_version": published.code_version,
            "sha256": hashlib.sha256(page.encode()).hexdigest(),
        }
        _say(folder, city, manifest, entries, FOLLOWS)
    return [*(Path(entry.path) for entry in reversed(entries)), Path("index.html")]


def write_paper(city: City, folder: Path) -> list[Path]:
    """Write the newest page as one PDF for all editions that ``keep_editions`` wrote with it.

    Where it cannot be written the manifest and the index say why. Returns the files written, relative to the folder.
    """
    with alone(folder / EDITIONS):
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        entries = [Entry(**entry) for entry in manifest["editions"]]
        newest = folder / NEWEST_PAGE
        why_not = write_pdf(newest.read_text(encoding="utf-8"), newest.with_suffix(".pdf"))
        papers = [] if why_not else [_paper_of(folder, entry) for entry in reversed(entries)]
        for paper in papers:
            if paper != newest.with_suffix(".pdf"):
                write_aside(paper, newest.with_suffix(".pdf").read_bytes())
        _say(folder, city, manifest, entries, why_not)
    return [paper.relative_to(folder) for paper in papers]


def _say(folder: Path, city: City, manifest: dict[str, Any], entries: list[Entry], why_no_pdf: str) -> None:
    """Write beside the pages, and into the index, which night they show and whether there is a PDF of them."""
    told = []
    for entry in entries:
        also = {} if why_no_pdf else {"PDF": _paper_of(folder, entry).relative_to(folder).as_posix()}
        note = " ".join(filter(None, (f"Year to {day_text(date.fromisoformat(entry.night))}.", why_no_pdf)))
        told.append(replace(entry, also=also, note=note if entry.group == NEWEST else ""))
    paper = why_no_pdf or _paper_of(folder, entries[-1]).name
    facts = {**manifest, "pdf": paper, "editions": [asdict(entry) for entry in told]}
    write_aside(folder / MANIFEST, json.dumps(facts, indent=2).encode())
    register_pages(folder, city, told, [NEWEST, TERMLY, WEEKLY, NIGHTLY])


def _paper_of(folder: Path, entry: Entry) -> Path:
    return (folder / entry.path).with_suffix(".pdf")


def _editions(published: Published, city: City) -> list[tuple[str, str, str]]:
    """Group, title and path of every edition that a night belongs to."""
    night = published.night
    year, week, _ = night.isocalendar()
    found = [
        (NIGHTLY, f"Night of {day_text(night)}", f"city-report-{night}"),
        (WEEKLY, f"Week {week} of {year}, to {day_text(night)}", f"weekly/city-report-{year}-W{week:02}"),
    ]
    for period in city.periods:
        if period.period_type == "term" and period.first_day <= night <= period.last_day:
            name = f"termly/city-report-{period.academic_year.replace('/', '-')}-{period.name.replace(' ', '-')}"
            title = f"{period.name.capitalize()} term {period.academic_year}, to {day_text(night)}"
            found.append((TERMLY, title, name))
    return [(group, title, f"{EDITIONS}/{name}.html") for group, title, name in found]
