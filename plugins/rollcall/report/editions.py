"""Editions: the page of each published night, of the last night of each week and term, and the index of all pages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rollcall.city import City
from rollcall.report.index import Entry, nights_of_pages, register_pages, write_aside
from rollcall.report.pdf import write_pdf
from rollcall.report.reading import Published
from rollcall.report.words import day_text

NEWEST: Final = "City report"
WEEKLY: Final = "Weekly editions"
TERMLY: Final = "Termly editions"
NIGHTLY: Final = "Nightly editions"


def keep_editions(page: str, published: Published, city: City, folder: Path) -> list[Path]:
    """Write the page as the newest report and as the editions that it belongs to, with one PDF for all of them.

    An edition of a week or term is that of its last published night: an earlier night that is published again never
    replaces a later one. Returns the files written, relative to the folder.
    """
    newest = folder / "city-report.html"
    pdf = folder / "city-report.pdf"
    write_aside(newest, page.encode())
    why_no_pdf = write_pdf(page, pdf)
    written, entries, kept = [newest], [], nights_of_pages(folder)
    if not why_no_pdf:
        written.append(pdf)
    for group, title, name in _editions(published, city):
        path = folder / "editions" / f"{name}.html"
        place = path.relative_to(folder).as_posix()
        if kept.get(place, "") > str(published.night):
            continue
        write_aside(path, page.encode())
        written.append(path)
        also = {}
        if not why_no_pdf:
            write_aside(path.with_suffix(".pdf"), pdf.read_bytes())
            written.append(path.with_suffix(".pdf"))
            also = {"PDF": path.with_suffix(".pdf").relative_to(folder).as_posix()}
        entries.append(Entry(group, title, place, str(published.night), also, ""))
    note = f"Year to {day_text(published.night)}." + (f" {why_no_pdf}" if why_no_pdf else "")
    also = {} if why_no_pdf else {"PDF": pdf.name}
    entries.append(Entry(NEWEST, "City report", newest.name, str(published.night), also, note))
    manifest = {
        "night": str(published.night),
        "known_at": published.known_at.isoformat(),
        "code_version": published.code_version,
        "sha256": hashlib.sha256(page.encode()).hexdigest(),
        "pdf": why_no_pdf or pdf.name,
        "editions": [asdict(entry) for entry in entries],
    }
    write_aside(folder / "city-report.json", json.dumps(manifest, indent=2).encode())
    register_pages(folder, city, entries, [NEWEST, TERMLY, WEEKLY, NIGHTLY])
    return [path.relative_to(folder) for path in [*written, folder / "index.html"]]


def _editions(published: Published, city: City) -> list[tuple[str, str, str]]:
    """Group, title and file name of every edition that a night belongs to."""
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
    return found
