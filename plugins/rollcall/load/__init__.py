"""Stage 4, load: add what is new in an accepted extract to schema ``register``, as versions, in one transaction.

Hands on: versions of pupils, enrolments, statuses, person links and marks; the ledger row of the extract; the school's
line for the night. Repeating an extract changes nothing.
"""

from rollcall.load.bulk import begin_history, end_history, load_history_extract
from rollcall.load.council import FeedResult, load_feed
from rollcall.load.council_records import AcceptedFeed
from rollcall.load.effect import effect_of_release, keep_effect
from rollcall.load.extracts import Accepted, LoadResult, load_extract, may_be_released, record_failure
from rollcall.load.holds import end_hold, hold_school
from rollcall.load.roll import read_rolls, watermark_and_taken

__all__ = [
    "Accepted",
    "AcceptedFeed",
    "FeedResult",
    "LoadResult",
    "begin_history",
    "effect_of_release",
    "end_history",
    "end_hold",
    "hold_school",
    "keep_effect",
    "load_extract",
    "load_feed",
    "load_history_extract",
    "may_be_released",
    "read_rolls",
    "record_failure",
    "watermark_and_taken",
]
