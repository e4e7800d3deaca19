"""Compare the demo's published marts with the simulator's own, independent computation, row by row; a line a mart."""

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
    places = ["--truth", str(settings.home / "truth"), "--city", str(settings.city_folder)]
    sys.exit(main(["verify", *places, "--dsn", dsn, "--night", night]))
