"""The command line: what an engineer on duty types."""

import warnings

# a library asks for a session folder that servers do not have; it has no meaning for us
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

from rollcall.cli.main import main  # noqa: E402 - the filter must stand before the libraries load

__all__ = ["main"]
