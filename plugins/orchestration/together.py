"""The processes of Airflow on one machine, forked from one that has imported once what all of them need.

Each is the command that a server runs in a container of its own, with a session, a log and a pid file of its own; the
database is brought to its version before the first of them. Run by ``rollcall up``, which names them as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from setproctitle import setproctitle

from rollcall.runtime.processes import Service

SHARED: Final = (
    "airflow.__main__", "airflow.cli.commands.db_command", "airflow.cli.commands.api_server_command",
    "airflow.cli.commands.scheduler_command", "airflow.cli.commands.dag_processor_command", "airflow.api_fastapi.app",
    "airflow.models",
)  # fmt: skip
"""What at least two of the processes import: no thread and no connection of theirs begins with it."""


def main(first: list[str], services: list[Service]) -> None:
    """Run the first command to its end, then start the services; in a fork, return when its command does."""
    # what is imported stays: nobody goes through it for garbage, now or later
    gc.disable()
    for name in SHARED:
        import_module(name)
    _complete_models()
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        return _become(first)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != 0:
        sys.exit(f"{Path(first[0]).name} {' '.join(first[1:])} ended with {code}")
    for service in services:
        pid = os.fork()
        if pid == 0:
            _stand_alone(service)
            return _become(service.command)
        service.remember(pid)
    return None


def _complete_models() -> None:
    from airflow.models import import_all_models
    from sqlalchemy.orm import configure_mappers

    import_all_models()
    configure_mappers()


def _stand_alone(service: Service) -> None:
    os.setsid()
    with service.open_log() as log:
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)


def _become(command: list[str]) -> None:
    gc.enable()
    # a web server makes many objects that stay when it puts itself together
    gc.set_threshold(10_000)
    setproctitle(" ".join([Path(command[0]).name, *command[1:]]))
    sys.argv = command
    runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    _first, _services = json.loads(sys.argv[1])
    main(_first, [Service(one["name"], one["command"], {}, Path(one["folder"])) for one in _services])
