"""Answers to analysts, kept until the next publication or a change of the dashboards, and asked anew when it comes.

Every analyst may see the same rows, so the same question has the same answer for all of them until something is published,
a chart is changed or the role is. Superset's own data cache checks permissions and parses SQL before it looks; this one
looks as soon as it knows who asks. Whoever has any other role gets every answer from Superset itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from bi.roles import ANALYST
from bi.settings import BiSettings

if TYPE_CHECKING:
    from flask import Flask, Request, Response

ENDPOINTS: Final = frozenset(
    {"ChartDataRestApi.data", "DashboardRestApi.get", "DashboardRestApi.get_charts", "DashboardRestApi.get_datasets"}
)
"""What a dashboard asks that is the same for every analyst."""
_SECONDS: Final = 1.0
"""How long a process believes what it read of publication and definitions."""
_MOST_KEPT: Final = 3000
_MOST_ASKED_ANEW: Final = 300
_DEFINITIONS: Final = ("dashboards", "slices", "tables", "table_columns", "sql_metrics", "dbs", "themes")
_LOG: Final = logging.getLogger("rollcall.bi")


@dataclass(frozen=True)
class Question:
    """One request for data or definitions."""

    method: str
    path: str
    body: str

    @classmethod
    def of(cls, request: Request) -> Question:
        """The question of a request."""
        return cls(request.method, request.full_path, request.get_data(as_text=True))

    @property
    def name(self) -> str:
        """Its file's name."""
        return hashlib.sha256(json.dumps([self.method, self.path, self.body]).encode()).hexdigest()

    @property
    def is_forced(self) -> bool:
        """Whether the reader asked for a fresh answer."""
        return self.method == "POST" and bool(json.loads(self.body or "{}").get("force"))


class Answers:
    """The answers of one installation: a folder for each edition, in it a file for each question."""

    def __init__(self, bi: BiSettings) -> None:
        self._bi = bi
        self.folder = bi.home / "answers"
        self._read = ("", 0.0)
        self._lock = Lock()

    def edition(self) -> str:
        """What an answer depends on besides its question: the publication, the definitions, what the role may."""
        with self._lock:
            name, at = self._read
            if time.monotonic() - at > _SECONDS:
                facts = [self._publication(), *_definitions()]
                name = hashlib.sha256(repr(facts).encode()).hexdigest()[:24]
                self._read = (name, time.monotonic())
            return name

    def _publication(self) -> Any:
        import psycopg2

        address = self._bi.warehouse_address.replace("+psycopg2", "")
        password = self._bi.rollcall.secret("pg_bi_reader")
        with closing(psycopg2.connect(address, password=password)) as connection, connection.cursor() as cursor:
            cursor.execute("select night, known_at, published_at, code_version from serve.publication")
            return cursor.fetchall()

    def get(self, edition: str, question: Question) -> bytes | None:
        """The kept answer, where there is one."""
        path = self.folder / edition / question.name
        try:
            content = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        return content.split(b"\n", 1)[1]

    def put(self, edition: str, question: Question, answer: bytes) -> None:
        """Keep an answer, beside its question; past a bound nothing more is kept."""
        folder = self.folder / edition
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sum(1 for _ in folder.iterdir()) >= _MOST_KEPT:
            return
        asked = json.dumps([question.method, question.path, question.body]).encode()
        aside = folder / f"{question.name}.{os.getpid()}.{time.monotonic_ns()}"
        aside.touch(mode=0o600)
        aside.write_bytes(asked + b"\n" + answer)
        aside.replace(folder / question.name)

    def asked_before(self, edition: str) -> list[Question]:
        """The questions of the edition before this one, those asked last first."""
        others = sorted(self._others(edition), key=lambda folder: folder.stat().st_mtime, reverse=True)
        if not others:
            return []
        files = [path for path in others[0].iterdir() if "." not in path.name]
        files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        return [Question(*json.loads(path.read_bytes().split(b"\n", 1)[0])) for path in files[:_MOST_ASKED_ANEW]]

    def forget_others(self, edition: str) -> None:
        """Take away the answers of every other edition."""
        for folder in self._others(edition):
            shutil.rmtree(folder, ignore_errors=True)

    def _others(self, edition: str) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (folder for folder in self.folder.iterdir() if folder.is_dir() and folder.name != edition)


def _definitions() -> list[Any]:
    """When the tool's definitions last changed, how many there are, and what the analysts' role may."""
    from superset import db, security_manager

    parts = [f"select '{table}', count(*), max(changed_on) from {table}" for table in _DEFINITIONS]
    role = security_manager.find_role(ANALYST)
    permissions = sorted(permission.id for permission in role.permissions) if role else []
    return [tuple(row) for row in db.session.execute(" union all ".join(parts))] + permissions


def is_only_analyst(person: Any) -> bool:
    """Whether somebody is signed in, and as an analyst and nothing else."""
    from superset import security_manager

    return person.is_authenticated and [role.name for role in security_manager.get_user_roles(person)] == [ANALYST]


def keep_answers(app: Flask, answers: Answers) -> None:
    """Answer an analyst from what is kept, and keep what Superset answers."""
    from flask import Response, g, request
    from flask_login import current_user

    @app.before_request
    def from_what_is_kept() -> Response | None:
        if request.endpoint not in ENDPOINTS or "Authorization" in request.headers or not is_only_analyst(current_user):
            return None
        try:
            question, edition = Question.of(request), answers.edition()
        except Exception:
            # without the warehouse or with a broken question, Superset says what is wrong
            _LOG.warning("Nothing is answered from what is kept: the edition or the question cannot be read.")
            return None
        kept = None if question.is_forced else answers.get(edition, question)
        if kept is None:
            # the edition of before the query: an answer may be newer than its edition, never older
            g.to_keep = (edition, question)
            return None
        return Response(kept, mimetype="application/json")

    @app.after_request
    def keep(response: Response) -> Response:
        to_keep = g.pop("to_keep", None)
        if to_keep and response.status_code == 200 and response.is_json and not response.content_encoding:
            answers.put(*to_keep, response.get_data())
        return response
