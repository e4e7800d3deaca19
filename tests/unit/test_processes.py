"""A process that was started is stopped with all its children, also those that outlive it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from rollcall.runtime.processes import Service

LEADER = """
import os, signal, sys, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(float(sys.argv[2])), os._exit(0)))
    with open(sys.argv[1] + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(sys.argv[1] + ".part", sys.argv[1])
    while True:
        time.sleep(10)
time.sleep(60)
"""


def is_there(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize(("finishing", "patience"), [("1", 20.0), ("60", 0.5)], ids=["finishes its work", "never ends"])
def test_no_child_outlives_a_stopped_process(tmp_path: Path, finishing: str, patience: float):
    told = tmp_path / "child"
    service = Service("leader", [sys.executable, "-c", LEADER, str(told), finishing], {}, tmp_path / "run")
    service.start()
    end = time.monotonic() + 20
    while not told.exists() and time.monotonic() < end:
        time.sleep(0.05)
    child = int(told.read_text())
    assert os.getpgid(child) == int((tmp_path / "run" / "leader.pid").read_text())
    service.stop(patience)
    assert not service.is_running()
    assert not is_there(child)
