"""The door: a wrong password, many of them, and a page without a session. After it, nobody signs in for a minute."""

from __future__ import annotations

import re

from tests.bi.conftest import BiTool


def test_a_wrong_password_is_refused_and_guessing_is_slowed(bi_tool: BiTool):
    stranger = bi_tool.session()
    wrong = {"username": "analyst", "password": "guess", "provider": "db"}
    assert stranger.post("/api/v1/security/login", json=wrong).status_code == 401
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get("/login/").text)
    assert found is not None
    form = {"username": "analyst", "password": "guess", "csrf_token": found.group(1)}
    # each of the processes counts for itself
    tries = 10 * bi_tool.bi.workers + 2
    assert 429 in [stranger.post("/login/", data=form).status_code for _ in range(tries)]
    assert 429 in [stranger.post("/api/v1/security/login", json=wrong).status_code for _ in range(tries)]
