"""How the BI tool is served: a few processes with threads, on the address that the settings name."""

from __future__ import annotations

from typing import Any

from bi.settings import load_bi_settings
from bi.warm import watch

_bi = load_bi_settings()
bind = f"{_bi.host}:{_bi.port}"
workers = _bi.workers
worker_class = "gthread"
threads = 8
timeout = 60
# longer than a proxy or a browser keeps a connection: whoever closes first must not be the server
keepalive = 75
# charts come as JSON of some size; a header line is long where a filter names many schools
limit_request_line = 8190
# it would be a second door, in the home of whoever starts the tool
control_socket_disable = True
errorlog = "-"


def post_worker_init(worker: Any) -> None:
    """Let one of the processes ask anew after a publication."""
    watch(worker.wsgi)
