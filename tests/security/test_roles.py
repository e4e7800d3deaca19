"""Who can read and change what, tried on every relation through real connections, before and after a rebuild."""

from __future__ import annotations

import pytest

from rollcall.warehouse.roles import OPERATOR_TABLES, OPERATOR_VIEWS, READERS
from tests.access import Reach
from tests.aftermath import Aftermath
from tests.story import Story
from tests.tiny_city import TinyCity

MOMENTS = ("after three nights", "after a full rebuild")
MARTS = {"agg_city_absence", "fct_enrolment_absence", "fct_child_absence", "rpt_persistent_absentees", "fct_sessions"}


@pytest.fixture(params=MOMENTS)
def reach(request: pytest.FixtureRequest, story: Story, aftermath: Aftermath) -> dict[str, Reach]:
    return story.reach if request.param == MOMENTS[0] else aftermath.reach_after_rebuild


def served(reach: Reach) -> set[str]:
    return {name for name in reach.read | reach.refused if name.startswith("serve.")}


def test_the_bi_reader_reads_every_view_of_serve_and_nothing_else(reach: dict[str, Reach]):
    reader = reach["bi_reader"]
    assert set(reader.read) == served(reader)
    assert {f"serve.{name}" for name in MARTS} <= reader.read
    schemas = {name.split(".")[0] for name in reader.refused}
    assert {"city", "identity", "intermediate", "marts", "ops", "register", "reports", "staging"} <= schemas
    assert len(reader.refused) > 60


def test_the_identity_reader_adds_names_and_nothing_else(reach: dict[str, Reach]):
    reader = reach["identity_reader"]
    names = {"identity.pupil", "identity.council_child", "identity.council_parent", "identity.child"}
    assert set(reader.read) == served(reader) | names


def test_the_operators_reader_sees_how_nights_went_and_no_row_of_a_child(reach: dict[str, Reach]):
    assert reach["operator_reader"].read == {*OPERATOR_TABLES, *[f"serve.{name}" for name in OPERATOR_VIEWS]}


@pytest.mark.parametrize("role", READERS)
def test_a_reader_changes_and_creates_nothing_even_when_it_asks_to_write(reach: dict[str, Reach], role: str):
    assert reach[role].wrote == set()


@pytest.mark.parametrize(
    ("role", "relation", "verb", "may"),
    [
        ("loader", "register.mark", "select", True),
        ("loader", "register.mark", "insert", True),
        ("loader", "identity.pupil", "insert", True),
        ("loader", "marts.dim_pupils", "select", False),
        ("loader", "serve.fct_child_absence", "select", False),
        ("transform", "register.mark", "select", True),
        ("transform", "register.mark", "insert", False),
        ("transform", "register.mark", "delete", False),
        ("transform", "identity.pupil", "select", False),
        ("transform", "identity.council_child", "select", False),
        ("transform", "city.social_care", "select", True),
        ("bi_reader", "city.social_care", "select", False),
        ("transform", "marts.dim_pupils", "select", False),
        ("transform", "ops.publication", "update", False),
        ("loader", "ops.export_log", "insert", True),
        ("loader", "ops.export_log", "update", False),
        ("loader", "ops.export_log", "delete", False),
        ("transform", "ops.export_log", "select", False),
        ("bi_reader", "identity.child", "select", False),
        ("bi_reader", "identity.pupil", "select", False),
        ("identity_reader", "identity.pupil", "update", False),
        ("identity_reader", "register.mark", "select", False),
        ("publisher", "marts.dim_pupils", "select", True),
        ("publisher", "register.mark", "delete", True),
    ],
)
def test_each_role_has_the_rights_of_the_matrix(
    tiny_city: TinyCity, story: Story, role: str, relation: str, verb: str, may: bool
):
    assert story.evenings
    granted = tiny_city.value("select has_table_privilege(%s, %s, %s)", [f"rollcall_{role}", relation, verb])
    assert granted is may


def test_no_role_of_ours_is_a_superuser_or_makes_roles_and_databases(tiny_city: TinyCity):
    rows = tiny_city.rows(
        "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles"
        " where rolname like 'rollcall_%%' and rolname <> 'rollcall_admin'"
    )
    assert len(rows) == 7
    assert [row for row in rows if any(row[1:])] == []


def test_nobody_has_a_right_through_public(tiny_city: TinyCity):
    database = tiny_city.settings.warehouse_database
    assert tiny_city.value("select has_schema_privilege('public', 'public', 'create')") is False
    for right in ("connect", "create", "temp"):
        assert tiny_city.value("select has_database_privilege('public', %s, %s)", [database, right]) is False


def test_the_server_takes_scram_passwords_on_the_loopback_only(tiny_city: TinyCity):
    assert tiny_city.value("show listen_addresses") == "127.0.0.1"
    assert tiny_city.value("show unix_socket_directories") == ""
    methods = tiny_city.rows("select distinct auth_method from pg_hba_file_rules where error is null")
    assert methods == [("scram-sha-256",)]
    weak = "select count(*) from pg_authid where rolcanlogin and rolpassword not like 'SCRAM-SHA-256$%%'"
    assert tiny_city.value(weak) == 0
