"""The path, stage by stage, as the DAGs and the command line call it: each function is one task of a night.

Values handed between them are small and without a child's value, so that they may travel through Airflow.
"""

from rollcall.nightly.asking import choose_night, collect_all, collect_school, schools_to_ask
from rollcall.nightly.feeds import bring_feeds, release_feed
from rollcall.nightly.loading import NightSummary, load_history, validate_and_load
from rollcall.nightly.packs import write_packs
from rollcall.nightly.publishing import (
    audit,
    build,
    compare_with_published,
    parsed_meanwhile,
    publish,
    rebuild_as_known,
)
from rollcall.nightly.releasing import end_hold, hold, release, try_release
from rollcall.nightly.telling import (
    check_published,
    export,
    tell,
    write_catalogue,
    write_data_docs,
    write_page,
    write_paper,
    write_reports,
)

__all__ = [
    "NightSummary",
    "audit",
    "bring_feeds",
    "build",
    "check_published",
    "choose_night",
    "collect_all",
    "collect_school",
    "compare_with_published",
    "end_hold",
    "export",
    "hold",
    "load_history",
    "parsed_meanwhile",
    "publish",
    "rebuild_as_known",
    "release",
    "release_feed",
    "schools_to_ask",
    "tell",
    "try_release",
    "validate_and_load",
    "write_catalogue",
    "write_data_docs",
    "write_packs",
    "write_page",
    "write_paper",
    "write_reports",
]
