"""The command line: what an engineer on duty types."""

from rollcall.cli.main import main

__all__ = ["main"]
