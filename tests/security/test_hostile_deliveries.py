"""Hostile files: refused before they are opened, or read as plain text; nothing of them escapes their folder."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from rollcall.errors import HostileDelivery, UnreadableDelivery
from rollcall.land import Limits
from rollcall.land.limits import check_delivery
from rollcall.validate import read_canonical
from tests.deliveries import GOOD_MARKS, GOOD_PUPILS, Door, mark, pupil, template

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;</l>'
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'


def workbook(**parts: bytes) -> bytes:
    """A zip with a content-types part and these parts (``__`` stands for ``/``, a trailing ``_xml`` for ``.xml``)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        for name, data in parts.items():
            book.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return target.getvalue()


def with_member(info: zipfile.ZipInfo, data: bytes = b"x") -> bytes:
    target = io.BytesIO(workbook())
    with zipfile.ZipFile(target, "a") as book:
        book.writestr(info, data)
    return target.getvalue()


def link() -> bytes:
    info = zipfile.ZipInfo("xl/link.xml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return with_member(info, b"/etc/passwd")


def encrypted() -> bytes:
    data = bytearray(workbook(xl__a_xml=b"<a/>"))
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


HOSTILE = {
    "a zip bomb": workbook(xl__sheet_xml=b"<a>" + b"0" * 40_000_000 + b"</a>"),
    "a nested archive": workbook(**{"xl__more.zip": b"PK"}),
    "a path that climbs out": with_member(zipfile.ZipInfo("../../etc/cron.d/job")),
    "an absolute path": with_member(zipfile.ZipInfo("/etc/cron.d/job")),
    "a backslash path that climbs out": with_member(zipfile.ZipInfo("xl\\..\\..\\job")),
    "a drive letter": with_member(zipfile.ZipInfo("C:/job.xml")),
    "a link": link(),
    "an encrypted part": encrypted(),
    "a macro": workbook(**{"xl__vbaProject.bin": b"x"}),
    "a billion laughs": workbook(xl__workbook_xml=LAUGHS),
    "an external entity": workbook(xl__workbook_xml=OUTSIDE),
    "too many parts": workbook(**{f"xl__p{number}_xml": b"<a/>" for number in range(600)}),
}
UNREADABLE = {
    "no zip at all": b"PK but not really",
    "a cut zip": workbook(xl__workbook_xml=b"<a/>")[:-30],
    "a zip that is no workbook": b"PK\x05\x06" + b"\0" * 18,
    "broken XML": workbook(xl__workbook_xml=b"<a></b>"),
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_hostile_workbook_is_refused_before_it_lands(door: Door, trick: str):
    with pytest.raises(HostileDelivery):
        door.extract({"register.xlsx": HOSTILE[trick]}, "template_xlsx")
    assert not list(door.folder.glob("landing/*/*/*"))


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_broken_workbook_is_unreadable(door: Door, fault: str):
    with pytest.raises(UnreadableDelivery):
        door.extract({"register.xlsx": UNREADABLE[fault]}, "template_xlsx")


def test_a_link_in_a_delivery_is_refused(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "pupils.csv").symlink_to(secret)
    with pytest.raises(HostileDelivery, match="link"):
        check_delivery(folder, "template_csv", Limits())


def test_a_file_with_another_name_is_refused(tmp_path: Path):
    (tmp_path / "run.sh").write_text("x")
    with pytest.raises(HostileDelivery, match="name"):
        check_delivery(tmp_path, "template_csv", Limits())


@pytest.mark.parametrize("limits", [Limits(file_bytes=10), Limits(delivery_bytes=15)])
def test_a_delivery_over_its_limits_is_refused(tmp_path: Path, limits: Limits):
    for name in ("marks.csv", "pupils.csv"):
        (tmp_path / name).write_bytes(b"x" * (11 if limits.file_bytes == 10 else 9))
    with pytest.raises(HostileDelivery, match="size limit"):
        check_delivery(tmp_path, "template_csv", limits)


def test_a_formula_stays_text(door: Door):
    rows = [*GOOD_PUPILS, pupil(pupil_id="p4", upn="", surname="=cmd|' /C calc'!A0", forename="@SUM(1)")]
    extract, _ = door.judge_rows(rows, GOOD_MARKS)
    pupils = read_canonical(extract.landed_uri)[0]
    assert pupils.column("surname").to_pylist()[-1] == "=cmd|' /C calc'!A0"
    assert pupils.column("forename").to_pylist()[-1] == "@SUM(1)"


def test_a_formula_in_a_workbook_is_never_worked_out(door: Door, tmp_path: Path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, rows in (("pupils", GOOD_PUPILS), ("marks", GOOD_MARKS)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row.values()):
                sheet.write_string(number, column, cell)
    book.worksheets()[0].write_formula(1, list(GOOD_PUPILS[0]).index("surname"), '=HYPERLINK("http://x")', None, "Quux")
    book.close()
    extract, verdict = door.judge({"register.xlsx": path.read_bytes()}, format_name="template_xlsx")
    assert verdict.status == "accepted"
    assert read_canonical(extract.landed_uri)[0].column("surname").to_pylist()[0] == "Quux"


def test_a_ten_megabyte_field_costs_no_more_than_its_delivery(door: Door):
    _, verdict = door.judge_rows([*GOOD_PUPILS, pupil(pupil_id="p4", upn="", forename="x" * 10_000_000)], GOOD_MARKS)
    assert (verdict.status, verdict.reason_code) == ("held", "RC310")


def test_a_note_in_the_code_column_never_reaches_the_register(door: Door):
    extract, verdict = door.judge_rows(GOOD_PUPILS, [*GOOD_MARKS, mark(session_date="2026-07-06", code="at hospital")])
    assert verdict.marks_quarantined == 1
    assert "at hospital" not in read_canonical(extract.landed_uri)[1].column("raw_code").to_pylist()


def test_a_landed_extract_cannot_be_written_twice(door: Door):
    files = template(GOOD_PUPILS, GOOD_MARKS)
    first, second = door.extract(files), door.extract(files)
    assert first.landed_uri == second.landed_uri
    assert first.source_path == second.source_path
