"""The schema that the code describes, the one that the migrations make, and the keys that guard it."""

import psycopg
import pytest
from alembic import command

from rollcall.runtime.installation import admin_dsn
from rollcall.warehouse.migrate import alembic_config
from tests.registers import Register


def test_the_migrations_make_exactly_the_schema_that_the_code_describes(empty_register: Register):
    """Alembic compares the metadata with the migrated database and raises where anything differs."""
    command.check(alembic_config(admin_dsn(empty_register.settings, "rollcall")))


def test_two_current_versions_of_one_mark_are_impossible(register: Register):
    insert = (
        "insert into register.mark (known_from, enrolment_id, session_date, extract_id, half, code)"
        " values ('2026-07-06', 1, '2026-07-06', 1, 1, %s)"
    )
    with psycopg.connect(admin_dsn(register.settings, "rollcall")) as connection:
        connection.execute(insert, ["/"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(insert, ["N"])


def test_knowledge_never_runs_backwards(register: Register):
    with (
        psycopg.connect(admin_dsn(register.settings, "rollcall")) as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute(
            "insert into register.mark (known_from, known_to, is_current, enrolment_id, session_date, extract_id, half)"
            " values ('2026-07-06', '2026-07-05', false, 1, '2026-07-06', 1, 1)"
        )
