"""Type the commands of docs/first-steps.md as three newcomers would; print how many there are and how long they take."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "first-steps.md"
_WALK: Final = re.compile(r"^## (.+?)\n\n```sh\n(.+?)```", re.DOTALL | re.MULTILINE)


def walks() -> dict[str, list[str]]:
    """Who, and what they ask -> the commands that they type."""
    return {title: block.strip().splitlines() for title, block in _WALK.findall(PAGE.read_text(encoding="utf-8"))}


def main() -> None:
    """Type every walk in a shell of its own; the first command that fails ends it."""
    for title, commands in walks().items():
        print(f"\n{title}", flush=True)
        preamble = [command for command in commands if command.startswith((". ", "export "))]
        typed = 0.0
        for command in commands:
            started = time.monotonic()
            script = "\n".join(["set -e", *preamble, command])
            done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
            seconds = time.monotonic() - started
            typed += seconds
            print(f"  {seconds:6.1f} s  {command[:110]}", flush=True)
            if done.returncode:
                sys.exit(f"{done.stdout}\n{done.stderr}\nThis step failed: {command}")
        print(f"  {len(commands)} commands, {typed / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
