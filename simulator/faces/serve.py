"""Serve the HTTP API and the SFTP server together until interrupted."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

import uvicorn

from simulator.faces.sftp import start_sftp
from simulator.faces.wonde import Aggregator, build_app
from simulator.faces.wonde_data import AggregatorData
from simulator.truth.store import Truth


def tokens_of(connections: dict[str, dict[str, str]]) -> dict[int, str]:
    """URN -> bearer token of the aggregator's schools."""
    return {
        int(name.removeprefix("wonde_")): row["password"]
        for name, row in connections.items()
        if name.startswith("wonde_")
    }


def serve(
    truth: Path, credentials: Path, *, http_port: int, sftp_port: int, sftp_root: Path, host_key: Path, now: str
) -> None:
    """Block, serving both faces on the loopback; prints one line when both listen."""
    connections = json.loads(credentials.read_text(encoding="utf-8"))
    api = Aggregator(AggregatorData(Truth(truth), datetime.fromisoformat(now)), tokens_of(connections))
    config = uvicorn.Config(build_app(api), host="127.0.0.1", port=http_port, log_level="warning", access_log=False)

    async def run() -> None:
        acceptor = await start_sftp(connections, sftp_root, sftp_port, host_key)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started and not task.done():
            await asyncio.sleep(0.05)
        if server.started:
            sys.stdout.write(f"ready: http 127.0.0.1:{http_port} sftp 127.0.0.1:{acceptor.get_port()}\n")
            sys.stdout.flush()
        await task
        acceptor.close()

    asyncio.run(run())
