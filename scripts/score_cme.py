"""Score the published questions about missing education against the simulator's true answer: `make score`."""

from __future__ import annotations

import sys

from rollcall.runtime.installation import admin_dsn
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect
from simulator.score import score_night, table

if __name__ == "__main__":
    settings = load_settings()
    with connect(settings, "bi_reader") as connection:
        published = connection.execute("select night from serve.publication").fetchone()
    night = published[0] if published else sys.exit("Nothing is published: run `make demo` first.")
    dsn = admin_dsn(settings, settings.warehouse_database)
    scores, found = score_night(settings.home / "truth", dsn, night)
    print(f"Children missing education on {night}: questions against the truth\n")
    print(table(scores, found))
