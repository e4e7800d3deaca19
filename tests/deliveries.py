"""A tiny school and its register: makers that the intake tests build deliveries with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rollcall.city import City, load_city
from rollcall.extract import Delivery, Extract, Night, Verdict
from rollcall.land import land
from rollcall.validate import read_canonical, read_quarantine, validate
from rollcall.validate.codes import Codes, load_codes

URN = 900001
NIGHT = Night(date(2026, 7, 8), datetime(2026, 7, 8, 20, tzinfo=UTC))
TAKEN_AT = datetime(2026, 7, 8, 16, tzinfo=UTC)
SCHOOLS = (
    "urn,laestab,name,type,type_group,phase,trust,ward_code,ward_name,connector,connection,connector_settings,"
    "link_officer,sold_services,open_date,close_date\n"
    "900001,8319001,Elm Tree School,a,b,primary,,E1,Elm,folder,folder_drop,,officer_1,,,\n"
    "900002,8319002,Oak Tree School,a,b,primary,,E1,Elm,wonde,wonde_900002,school_id=A900002,officer_1,,,\n"
)
CALENDAR = (
    "urn,academic_year,kind,name,first_day,last_day,status,source\n"
    "*,2025/26,term,summer 2,2026-06-01,2026-07-21,declared,test\n"
)
SETTINGS = """
name: Tiny
la_code: 831
is_synthetic: true
timezone: Europe/London
academic_years: [{name: "2025/26", first_day: 2025-08-01, last_day: 2026-07-31}]
thresholds: {quarantine_hold_pct: {value: 50, source: test}}
"""
CODES = "code,valid_from,valid_to\n/,,\n\\,,\nL,,\nI,,\nN,,\nO,,\n#,,\nC2,2024-08-19,\nH,,2024-08-18\n"
LOCAL_CODES = "urn,raw_code,code,valid_from,valid_to\n900001,ILL,I,2025-09-01,\n"

GOOD_PUPIL = {
    "pupil_id": "p1",
    "upn": "H801200001001",
    "surname": "Canary-Quux",
    "forename": "Zebedee",
    "date_of_birth": "2015-03-17",
    "sex": "M",
    "nc_year": "6",
    "entry_date": "2024-09-02",
    "leaving_date": "",
    "fsm": "N",
    "sen": "K",
    "postcode": "ZZ9 9ZZ",
}
GOOD_MARK = {"pupil_id": "p1", "session_date": "2026-07-08", "session": "AM", "code": "/", "minutes_late": ""}


def pupil(**fields: str) -> dict[str, str]:
    """A good pupil, but for these fields."""
    return GOOD_PUPIL | fields


def mark(**fields: str) -> dict[str, str]:
    """A good mark, but for these fields."""
    return GOOD_MARK | fields


def csv_text(rows: list[dict[str, str]]) -> str:
    """Rows as the template's CSV: every field quoted, so that any text may stand in it."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names] + [[row.get(name, "") for name in names] for row in rows]
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n" for line in lines)


GOOD_PUPILS = [pupil(), pupil(pupil_id="p2", upn="G80120000101A", surname="Null", forename="NA")]
GOOD_MARKS = [
    mark(),
    mark(session="PM", code="\\"),
    mark(pupil_id="p2", code="N"),
    mark(pupil_id="p2", session="PM", code="-"),
    mark(pupil_id="p2", session_date="07/07/2026", code="L", minutes_late="12"),
]


@dataclass(frozen=True)
class Door:
    """A landing store and a city to judge deliveries with."""

    folder: Path
    city: City
    codes: Codes

    def extract(self, files: dict[str, bytes], format_name: str = "template_csv", **changes: Any) -> Extract:
        """Land these files as one delivery."""
        count = len(list(self.folder.glob("delivery-*")))
        source = self.folder / f"delivery-{count}"
        source.mkdir()
        for name, data in files.items():
            (source / name).write_bytes(data)
        modes: dict[str, Any] = {
            "pupils_mode": "snapshot",
            "marks_mode": "snapshot",
            "scope_from": date(2026, 6, 1),
            "scope_to": date(2026, 7, 10),
            "is_complete": True,
            "source_time": TAKEN_AT,
            "source_path": str(source),
            "fingerprint": str(count),
            "control": None,
        }
        delivery = Delivery(folder=source, format=format_name, **(modes | changes))  # type: ignore[arg-type]
        return land(str(self.folder / "landing"), self.city.schools[URN], NIGHT, delivery)

    def judge(self, files: dict[str, bytes], **changes: Any) -> tuple[Extract, Verdict]:
        """Land and validate."""
        extract = self.extract(files, **changes)
        return extract, validate(extract, self.city, None, self.codes)

    def judge_rows(
        self, pupils: list[dict[str, str]], marks: list[dict[str, str]], **changes: Any
    ) -> tuple[Extract, Verdict]:
        """Land and validate a template delivery of these rows."""
        return self.judge(template(pupils, marks), **changes)


def template(pupils: list[dict[str, str]], marks: list[dict[str, str]]) -> dict[str, bytes]:
    """The two tables of a delivery."""
    return {"pupils.csv": csv_text(pupils).encode(), "marks.csv": csv_text(marks).encode()}


def open_door(folder: Path) -> Door:
    """A tiny city in ``folder/city`` and an empty landing store."""
    city = folder / "city"
    city.mkdir(parents=True)
    for name, text in {
        "schools.csv": SCHOOLS,
        "calendar.csv": CALENDAR,
        "settings.yml": SETTINGS,
        "codes.csv": LOCAL_CODES,
    }.items():
        (city / name).write_text(text, encoding="utf-8")
    statutory = folder / "attendance_codes.csv"
    statutory.write_text(CODES, encoding="utf-8")
    return Door(folder, load_city(city), load_codes(city, statutory))


def broken_rules(extract: Extract) -> dict[str, int]:
    """Rules that were broken, with their rows, as the value-free result says."""
    result = json.loads((Path(extract.landed_uri) / "gx_result.json").read_text())
    return {rule["rule"]: rule["rows_broken"] for rule in result["rules"] if rule["rows_broken"]}


def quarantined(extract: Extract) -> list[tuple[str, int, str]]:
    """File, line and rule of every quarantined row."""
    rows = read_quarantine(extract.landed_uri).to_pylist()
    return [(row["file"], row["line"], row["rule"]) for row in rows]


def codes_read(extract: Extract) -> list[str | None]:
    """The canonical codes, in file order."""
    return read_canonical(extract.landed_uri)[1].column("code").to_pylist()
