"""Compare the published marts of the demo with the simulator's own, independent computation of every row."""

from __future__ import annotations

import sys

from rollcall.runtime.installation import admin_dsn
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect
from simulator.cli import main

if __name__ == "__main__":
    settings = load_settings()
    with connect(settings, "bi_reader") as connection:
        published = connection.execute("select night from serve.publication").fetchone()
    night = str(published[0]) if published else sys.exit("Nothing is published: run `make demo` first.")
    dsn = admin_dsn(settings, settings.warehouse_database)
    sys.exit(main(["verify", "--truth", str(settings.home / "truth"), "--dsn", dsn, "--night", night]))
