"""After a publication ask again what was asked before it, so that no reader waits: a thread in one of the processes."""

from __future__ import annotations

import fcntl
import logging
import time
from threading import Thread
from typing import TYPE_CHECKING, Final

from bi.answers import Answers, Question, is_only_analyst
from bi.settings import load_bi_settings

if TYPE_CHECKING:
    from flask import Flask

_EVERY_SECONDS: Final = 5.0
_LOG: Final = logging.getLogger("rollcall.bi")


def ask_anew(app: Flask, answers: Answers) -> int:
    """Put the questions of the last edition to this one, as an analyst, and forget the last one; returns how many."""
    with app.app_context():
        edition = answers.edition()
        questions = [one for one in answers.asked_before(edition) if not one.is_forced]
    asked = sum(_ask(app, question) for question in questions)
    answers.forget_others(edition)
    return asked


def _ask(app: Flask, question: Question) -> bool:
    from flask_login import login_user
    from superset import security_manager

    kind = "application/json"
    with app.test_request_context(question.path, method=question.method, data=question.body, content_type=kind):
        people = [person for person in security_manager.get_all_users() if person.is_active and is_only_analyst(person)]
        if not people:
            return False
        login_user(people[0])
        return app.full_dispatch_request().status_code == 200


def watch(app: Flask) -> None:
    """Start the thread, which waits until no other process of the installation does the same."""
    Thread(target=_watch, args=(app,), name="warm", daemon=True).start()


def _watch(app: Flask) -> None:
    bi = load_bi_settings()
    answers = Answers(bi)
    with (bi.home / "warm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        while True:
            time.sleep(_EVERY_SECONDS)
            try:
                ask_anew(app, answers)
            except Exception as error:
                _LOG.warning("Nothing was asked anew: %s", type(error).__name__)
