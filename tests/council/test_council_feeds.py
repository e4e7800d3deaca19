"""Every feed by the same path: dropped, landed, judged, loaded as versions; what is bad waits outside and is named."""

from __future__ import annotations

import os
from datetime import date

import pytest

from rollcall import nightly
from rollcall.council import FEEDS
from rollcall.report import night_summary
from rollcall.report.notify import summary_text
from rollcall.warehouse.connect import connect
from tests.council_drop import CHILD, OTHER, Council, csv_bytes, night_of, row

ABOUT_A_CHILD = [name for name, feed in FEEDS.items() if feed.child == "needed"]


def test_every_feed_comes_in_and_its_rows_are_there(council: Council):
    for feed in FEEDS:
        council.drop(feed, [row(feed)])
    assert council.night() == dict.fromkeys(FEEDS, "in")
    assert {feed: council.current(feed) for feed in FEEDS} == {feed: [(1,)] for feed in FEEDS}
    assert council.register.rows("select count(*) from ops.quarantine") == [(0,)]
    assert council.register.rows("select count(distinct person_id) from city.child_link") == [(1,)]


def test_values_are_read_as_the_interface_says(council: Council):
    council.give("plans", [row("plans", start_date="01/06/2026", weekly_sessions="0", reason="because")])
    columns = "urn, plan, start_date::text, weekly_sessions, is_parent_agreed, reason"
    assert council.current("plans", columns) == [(900001, "part_time", "2026-06-01", 0, True, None)]
    assert council.line("plans")["status"] == "in"


def test_a_parents_key_stays_in_identity(council: Council):
    second = row("legal", reference="PN-2", issued_date="2026-06-20")
    council.give("legal", [row("legal"), second, row("legal", reference="PN-3", parent_key="Mrs Canary")])
    parents = [parent for (parent,) in council.current("legal", "parent_id")]
    known = [parent for parent in parents if parent is not None]
    assert (len(parents), len(known), len(set(known))) == (3, 2, 1)
    assert council.register.rows("select parent_key from identity.council_parent") == [("P77",)]


@pytest.mark.parametrize("feed", FEEDS)
def test_the_same_file_twice_changes_nothing(council: Council, feed: str):
    council.give(feed, [row(feed)], mode="snapshot")
    before = council.versions(feed), council.line(feed)
    assert council.night(6, [feed])[feed] == "in"
    assert (council.versions(feed), council.line(feed)) == before
    assert council.give(feed, [row(feed)], mode="snapshot", day=7) == "in"
    assert council.versions(feed) == before[0]
    assert council.line(feed, 7)["rows_unchanged"] == 1


def test_a_correction_opens_a_version_and_the_old_one_stays(council: Council):
    council.give("cme_cases", [row("cme_cases")])
    council.give("cme_cases", [row("cme_cases", status="confirmed", confirmed_date="2026-07-07")], day=7)
    assert council.register.rows("select status, known_to = 'infinity' from city.cme_case order by known_from") == [
        ("enquiry", False),
        ("confirmed", True),
    ]
    assert council.line("cme_cases", 7)["rows_changed"] == 1


def test_a_snapshot_closes_what_it_no_longer_holds_and_a_delta_does_not(council: Council):
    both = [row("social_care"), row("social_care", OTHER, status="cp")]
    council.give("social_care", both, mode="snapshot")
    council.give("social_care", both[:1], mode="delta", day=7)
    assert council.current("social_care") == [(2,)]
    council.give("social_care", both[:1], mode="snapshot", day=8)
    assert council.current("social_care", "status") == [("cin",)]
    assert council.line("social_care", 8)["rows_removed"] == 1
    assert council.versions("social_care") == 2


def test_a_quarantined_row_is_not_a_removal(council: Council):
    both = [row("social_care"), row("social_care", OTHER, status="cp")]
    council.give("social_care", both, mode="snapshot")
    withheld = both[1] | {"end_date": "soon"}
    council.give("social_care", [both[0], withheld], mode="snapshot", day=7)
    assert council.current("social_care") == [(2,)]
    unplaced = both[1] | {"start_date": "soon"}
    council.give("social_care", [both[0], unplaced], mode="snapshot", day=8)
    assert council.current("social_care") == [(2,)]
    assert "nothing was removed" in council.line("social_care", 8)["reason"]


def test_mass_disappearance_is_held_until_somebody_confirms_it(council: Council):
    many = [row("admissions", reference=f"AD-{number}") for number in range(1, 9)]
    council.give("admissions", many, mode="snapshot")
    assert council.give("admissions", many[:2], mode="snapshot", day=7) == "held"
    assert council.line("admissions", 7)["reason_code"] == "RC331"
    assert council.current("admissions") == [(8,)]
    assert nightly.release_feed(night_of(7), "admissions").status == "loaded"
    assert council.current("admissions") == [(2,)]
    assert council.line("admissions", 7)["status"] == "in"


def test_a_bad_row_waits_outside_with_file_line_and_rule(council: Council):
    rows = [row("plans"), row("plans", start_date="yesterday"), row("plans", urn="123456"), row("plans", OTHER)]
    assert council.give("plans", rows) == "in"
    assert council.quarantined("plans") == [
        ("plans.csv", 3, "start_date_is_a_date"),
        ("plans.csv", 4, "urn_is_of_the_city"),
    ]
    line = council.line("plans")
    assert (line["rows_in"], line["rows_new"], line["rows_quarantined"]) == (4, 2, 2)


@pytest.mark.parametrize("feed", ABOUT_A_CHILD)
def test_a_row_that_names_no_child_is_quarantined(council: Council, feed: str):
    nobody = {"surname": "Canary", "forename": "Ada", "upn": "A801200005001"}
    other = {"reference": "X-2", "case_reference": "X-2"}
    council.give(feed, [row(feed), row(feed, nobody, **other)])
    assert council.quarantined(feed) == [(f"{feed}.csv", 3, "child_is_named")]


def test_a_formula_is_quarantined(council: Council):
    formula = row("home_education", OTHER | {"surname": '=HYPERLINK("http://x","y")'})
    council.give("home_education", [row("home_education"), formula])
    assert council.quarantined("home_education") == [("home_education.csv", 3, "no_cell_is_a_formula")]


def test_windows_1252_is_read(council: Council):
    rows = [row("children", OTHER | {"forename": "Zoë"})]
    assert council.give("children", rows, data=csv_bytes("children", rows, "cp1252")) == "in"
    assert council.register.rows("select forename from identity.council_child") == [("Zoë",)]


def test_one_record_by_two_namings_of_its_child_is_one_and_two_stories_of_it_are_none(council: Council):
    by_key = {"la_child_id": "C1"}
    council.give("children", [row("children")])
    council.give("social_care", [row("social_care"), row("social_care", by_key)])
    assert council.current("social_care") == [(1,)]
    told_twice = [row("social_care", status="cp"), row("social_care", by_key, status="cp", team="WEST")]
    council.give("social_care", told_twice, day=7)
    assert council.current("social_care", "status") == [("cin",)]
    assert [rule for *_, rule in council.quarantined("social_care")] == ["record_is_stated_once"] * 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html>no", "RC310"),
        (b"upn;status\r\n1;2\r\n", "RC310"),
        ("upn,status,start_date\r\n".encode("utf-16"), "RC310"),
        (b"upn,status,start_date\r\n\0\0", "RC310"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_held(council: Council, data: bytes, code: str):
    council.drop("social_care", [], data=data, mode=None)
    council.drop("plans", [row("plans")])
    statuses = council.night()
    assert (statuses["social_care"], statuses["plans"]) == ("held", "in")
    assert council.line("social_care")["reason_code"] == code


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"rows": 2}, "control_counts_rows"),
        ({"feed": "plans"}, "file_is_of_this_feed"),
        ({"version": 2}, "version_is_known"),
        ({"mode": "all"}, "file_can_be_read"),
    ],
)
def test_a_control_file_that_disagrees_holds_the_file(council: Council, changes: dict[str, object], rule: str):
    # a broken control file dates nothing, so the file's own time decides
    path = council.drop("social_care", [row("social_care")], **changes)
    control = path.with_suffix(".control.json")
    os.utime(control, (path.stat().st_mtime, path.stat().st_mtime))
    assert council.night(6, ["social_care"])["social_care"] == "held"
    assert council.line("social_care")["reason"].startswith(rule)


def test_an_empty_snapshot_and_one_of_mostly_bad_rows_are_held(council: Council):
    assert council.give("legal", [], mode="snapshot") == "held"
    assert council.line("legal")["reason"].startswith("snapshot_has_rows")
    bad = [row("legal", reference=f"PN-{number}", issued_date="?") for number in range(4)]
    assert council.give("legal", bad, day=7) == "held"
    assert council.line("legal", 7)["reason"].startswith("rows_are_mostly_sound")


def test_a_link_in_the_drop_is_refused_and_the_other_files_come_in(council: Council):
    council.drop("plans", [row("plans")])
    secret = council.drop_folder.parent / "secret.csv"
    secret.write_bytes(csv_bytes("plans", [row("plans", OTHER)]))
    (council.drop_folder / "plans" / "a-link.csv").symlink_to(secret)
    council.drop("legal", [row("legal")])
    statuses = council.night()
    assert (statuses["plans"], statuses["legal"]) == ("in", "in")
    assert council.current("plans") == [(1,)]
    refused = council.register.rows("select verdict, reason from city.feed_extract where verdict = 'refused'")
    assert [verdict for verdict, _ in refused] == ["refused"]
    assert refused[0][1].startswith("RC300")


def test_a_feed_that_sends_nothing_is_missing_and_named(council: Council):
    council.give("plans", [row("plans")])
    statuses = council.night(8)
    assert statuses["plans"] == "missing"
    line = council.line("plans", 8)
    assert line["reason_code"] == "RC230"
    assert "2026-07-06" in line["reason"]
    assert "the plans team" in line["next_action"]
    with connect(council.register.settings, "loader") as connection:
        summary = night_summary(connection, council.register.city, date(2026, 7, 8))
    named = {exception.school: exception.status for exception in summary.feed_exceptions}
    assert named == dict.fromkeys(FEEDS, "missing")
    assert "feed plans, missing" in summary_text(summary)


def test_a_feed_that_is_not_due_is_current_and_one_not_agreed_is_unset(council: Council):
    agreed = council.register.settings.city_folder / "feeds.csv"
    agreed.write_text("feed,every_days,owner\nplans,7,the plans team\n")
    council.give("plans", [row("plans")])
    statuses = council.night(7)
    assert (statuses["plans"], statuses["legal"]) == ("current", "unset")


def test_an_older_file_does_not_undo_a_newer_one(council: Council):
    council.give("cme_cases", [row("cme_cases", status="confirmed")], day=8)
    assert council.give("cme_cases", [row("cme_cases")], day=7) == "superseded"
    assert council.current("cme_cases", "status") == [("confirmed",)]


def test_a_file_without_a_control_file_is_a_delta(council: Council):
    council.give("social_care", [row("social_care"), row("social_care", OTHER)], mode="snapshot")
    assert council.give("social_care", [row("social_care", status="cp")], mode=None, day=7) == "in"
    assert council.current("social_care") == [(3,)]


def test_a_held_feed_is_still_named_on_the_next_night(council: Council):
    council.drop("legal", [], data=b"<html>", mode=None)
    council.night()
    council.night(7)
    line = council.line("legal", 7)
    assert line["status"] == "held"
    assert line["reason"].startswith("Since 2026-07-06")


def test_no_value_of_a_child_leaves_identity(council: Council):
    for feed in FEEDS:
        council.drop(feed, [row(feed), row(feed, OTHER, start_date="x", event_date="x", reference="no figure")])
    council.night()
    columns = council.register.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('city', 'ops', 'register') and data_type in ('text', 'jsonb')"
        " and table_name not like 'mark%%'"
    )
    cells = ""
    for schema, table, column in columns:
        found = council.register.rows(f'select string_agg("{column}"::text, chr(10)) from {schema}.{table}')
        cells += found[0][0] or ""
    assert "social_care.csv" in cells
    assert [value for value in {*CHILD.values(), *OTHER.values()} - {"C1", "C2"} if value in cells] == []
