"""A server that goes away is an outage that is tried again; a server that refuses says why itself."""

from __future__ import annotations

import psycopg
import pytest

from rollcall.errors import TransientError
from rollcall.nightly.loading import _connection_when_asked
from rollcall.warehouse.connect import connect
from tests.registers import Register


def test_a_server_that_goes_away_meanwhile_is_an_outage_and_nothing_is_kept(register: Register):
    with (
        pytest.raises(TransientError, match="broke off a connection") as caught,
        connect(register.settings, "loader") as connection,
    ):
        connection.execute("insert into ops.hold (urn, reason) values (900001, 'moves to another system')")
        connection.execute("select pg_terminate_backend(pg_backend_pid())")
    assert "rollcall up" in caught.value.next_action
    assert register.rows("select count(*) from ops.hold") == [(0,)]


def test_what_the_server_itself_refuses_is_no_outage(register: Register):
    with pytest.raises(psycopg.errors.QueryCanceled), connect(register.settings, "loader") as connection:
        connection.execute("set local statement_timeout = '1ms'")
        connection.execute("select pg_sleep(1)")


def test_schools_share_one_connection_that_is_made_when_the_first_is_loaded(register: Register):
    ours = "select count(*) from pg_stat_activity where application_name = 'rollcall:loader'"
    with _connection_when_asked(register.settings) as connection:
        assert register.rows(ours) == [(0,)]
        assert connection() is connection()
        assert register.rows(ours) == [(1,)]


def test_a_server_that_goes_away_between_two_schools_is_an_outage_and_the_first_is_kept(register: Register):
    with pytest.raises(TransientError), _connection_when_asked(register.settings) as connection:
        with connection().transaction():
            connection().execute("insert into ops.hold (urn, reason) values (900001, 'moves to another system')")
        with connection().transaction():
            connection().execute("insert into ops.hold (urn, reason) values (900002, 'moves to another system')")
            connection().execute("select pg_terminate_backend(pg_backend_pid())")
    assert register.rows("select urn from ops.hold") == [(900001,)]
