"""A pack as a page to print, and what page and workbook say of themselves."""

from __future__ import annotations

from typing import Final

from rollcall.city import City
from rollcall.report.disclosure import SYMBOLS
from rollcall.report.packs.pack import Pack
from rollcall.report.words import day_text

_CHILDREN: Final = (
    "Personal data of children. For the reader named only: do not forward, copy into other systems or keep beyond the"
    " purpose; a printed copy is shredded after the meeting."
)
_WORDS: Final = {
    "Child": "a pseudonym, the same in every pack; with names asked for, surname, forename and UPN stand beside it",
    "possible session": "a half-day on which the child was due; closures and registration elsewhere are left out",
    "persistent, severe": "absent for 10 % or more, 50 % or more, of the child’s possible sessions; severe is part of it",
    "lac, cp, cin, taf": "looked after, child protection plan, in need, team around the family",
    "C2": "part-time timetable, an authorised absence",
    "G, N, O, U": "holiday not granted, no reason yet, other unauthorised absence, late after the register closed",
    "I, L": "illness, late before the register closed",
    "unknown": "a session that was due and for which no usable mark has come; it is in no rate",
    "provisional": "may still change: schools correct marks for weeks, and a reason may still come for code N",
    "–": "none, or not known",
    "x": "no rate: no possible session is known",
}
_AGGREGATES: Final = "Counts of children only; small ones are hidden. For the governors or trustees named."


def about(pack: Pack, city: City, *, audience: str, why: str, with_names: bool) -> list[tuple[str, str]]:
    """What a reader must know first, as label and text."""
    published = pack.published
    known = f"{day_text(published.known_at.date())} {published.known_at:%H:%M} UTC"
    told = [
        ("Whose figures", pack.scope),
        ("For", audience.strip()),
        ("Made for this kind of reader", pack.readers),
        *([("Why", why.strip())] if why.strip() else []),
        ("Night", f"{day_text(published.night)}, academic year {published.academic_year} to that day"),
        ("As known", known),
        ("Coverage", pack.coverage.words),
    ]
    if pack.sheets:
        names = "with names and UPNs, as known at the publication" if with_names else "pseudonyms, no name"
        told.append(("Children", f"{pack.children_rows:,} rows; {names}"))
        told.append(("Handling", _CHILDREN))
    else:
        told.append(("Handling", _AGGREGATES))
    if city.is_synthetic:
        told.append(("Synthetic", "Every child, school name and figure is invented."))
    return told


def page(pack: Pack, city: City, told: list[tuple[str, str]]) -> str:
    """The page as HTML."""
    from rollcall.report.templating import page_environment

    return page_environment().get_template("pack.html.j2").render(
        pack=pack,
        city=city,
        about=[line for line in told if line[0] != "Synthetic"],
        parts=pack.all_parts(),
        symbols=_WORDS if pack.sheets else SYMBOLS,
        has_children=bool(pack.sheets),
    )  # fmt: skip
