"""Who may have a pack: names with a reason, readers who cannot join them, the log that nobody changes, private files."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

import psycopg
import pytest

from rollcall.errors import ExportRefused
from rollcall.report.packs import Request, export, write_pack
from rollcall.report.packs.lists import Scope
from rollcall.report.reading import Reader
from tests.packs.kinds import KINDS, READER, WITH_NAMES, page_of, sheet
from tests.tiny_city import SECONDARY, TinyCity


def names_of(tiny_city: TinyCity) -> list[str]:
    rows = tiny_city.rows("select upn from identity.pupil where is_current and upn is not null")
    assert len(rows) > 500
    return [row[0] for row in rows]


def test_no_name_and_no_upn_stands_in_a_pack_without_names(tiny_city: TinyCity, written: dict[str, list[Path]]):
    upns = names_of(tiny_city)
    surnames = {
        row[0] for row in tiny_city.rows("select distinct surname from identity.pupil where length(surname) > 5")
    }
    for name, paths in written.items():
        if name == "names":
            continue
        text = page_of(paths).read_text(encoding="utf-8")
        for path in paths:
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    text += book.read("xl/sharedStrings.xml").decode()
        assert not [upn for upn in upns if upn in text], name
        cells = set(re.findall(r"(?:>)([^<>]+)(?:<)", text))
        assert not cells & surnames, name


def test_names_are_those_of_the_child_and_only_with_names(tiny_city: TinyCity, written: dict[str, list[Path]]):
    rows = [row for title in ("Looked after", "In need") for row in sheet(written["names"], title)]
    assert rows
    known: dict[int, set[tuple[str, str]]] = {}
    for person, surname, forename in tiny_city.rows(
        "select links.person_id, pupils.surname, pupils.forename from register.person_link as links"
        " inner join identity.pupil as pupils on links.pupil_id = pupils.pupil_id and pupils.is_current"
        " where links.is_current union select links.person_id, named.surname, named.forename from city.child_link as links"
        " inner join identity.council_child as named on links.council_child_id = named.council_child_id"
        " where links.is_current"
    ):
        known.setdefault(person, set()).add((surname, forename))
    assert all((row["Surname"], row["Forename"]) in known[int(row["Child"])] for row in rows)
    assert all(row["Surname"] for row in rows)


def test_names_need_a_reason_and_a_reader(tiny_city: TinyCity):
    before = tiny_city.value("select count(*) from ops.export_log")
    for request in (
        Request("plans", audience=READER, with_names=True),
        Request("plans", audience=READER, with_names=True, why="  "),
        Request("plans", audience=" "),
        Request("plans", Scope(123456), READER),
        Request("tsm", Scope(SECONDARY), READER, term="summer", year="2019/20"),
        Request("board", audience=READER, trust="No Such Trust"),
    ):
        with pytest.raises(ExportRefused):
            write_pack(tiny_city.settings, tiny_city.city, request)
    assert tiny_city.value("select count(*) from ops.export_log") == before


def test_without_names_the_pack_reads_as_bi_reader_who_cannot_join_them(tiny_city: TinyCity):
    with tiny_city.as_role("bi_reader") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        Reader(connection).rows("select * from identity.child")


def test_a_list_that_is_too_long_is_refused(tiny_city: TinyCity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "MAX_ROWS", 3)
    with pytest.raises(ExportRefused, match="one may hold 3"):
        write_pack(tiny_city.settings, tiny_city.city, KINDS["plans"])


def test_packs_never_lie_in_the_published_folder(tiny_city: TinyCity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROLLCALL_PACKS", str(tiny_city.settings.published / "packs"))
    with pytest.raises(ExportRefused):
        write_pack(tiny_city.settings, tiny_city.city, KINDS["plans"])


def test_only_the_owner_can_open_what_is_written(tiny_city: TinyCity, written: dict[str, list[Path]]):
    root = tiny_city.settings.packs
    for paths in written.values():
        for path in paths:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            folders = [folder for folder in path.parents if folder == root or root in folder.parents]
            assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700, 0o700]
    assert not list(tiny_city.settings.published.rglob("*.xlsx"))


def test_every_pack_is_logged_and_nobody_changes_the_log(tiny_city: TinyCity, written: dict[str, list[Path]]):
    rows = tiny_city.rows("select pack, audience, why, rows, has_names, exported_by, files from ops.export_log")
    logged = {row[6] for row in rows}
    for name, paths in written.items():
        files = [path.name for path in paths if path.suffix != ".pdf"]
        assert ", ".join(files) in logged, name
    # one for each folder of tests that asked for it
    assert {(row[1], row[2]) for row in rows if row[4]} == {(READER, WITH_NAMES.why)}
    assert all(row[5] for row in rows)
    children = {row[0]: row[3] for row in rows if row[0] == "board"}
    assert children == {"board": 0}
    for role in ("loader", "publisher"):
        for statement in (
            "update ops.export_log set audience = 'x'", "delete from ops.export_log", "truncate ops.export_log",
        ):  # fmt: skip
            with tiny_city.as_role(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with psycopg.connect(tiny_city.admin_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from ops.export_log")
    with psycopg.connect(tiny_city.admin_dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into ops.export_log (exported_by, audience, pack, scope, night, known_at, rows, has_names, files)"
            " values ('x', 'x', 'plans', 'x', now(), now(), 1, true, 'x')"
        )


def test_the_same_pack_has_the_same_bytes(tiny_city: TinyCity, written: dict[str, list[Path]]):
    before = [path.read_bytes() for path in written["tsm"]]
    again = write_pack(tiny_city.settings, tiny_city.city, KINDS["tsm"])
    assert [path.read_bytes() for path in again] == before
