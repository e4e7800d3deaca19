"""# Housekeeping

Looks whether last night was published by 07:00 and says so where it was not: silence is an alert.

**When**: 07:00 London time after every school day. **After a failure**: the task is red because the night is not
published; its message says how far the night came and what to press.
"""

from datetime import UTC, datetime

from airflow.sdk import dag, task

from orchestration.defaults import DEFAULTS, Stage, london_time


@dag(
    # 07:00: the hour by which leaders were promised the figures (city settings, publish_deadline)
    schedule=london_time("0 7 * * 2-6"),
    start_date=datetime(2025, 9, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "retries": 0},
    tags=[Stage.HOUSEKEEPING],
    doc_md=__doc__,
)
def housekeeping():
    """Declare the check."""

    @task
    def published_in_time() -> str:
        from rollcall.nightly import check_published

        return check_published(datetime.now(UTC))

    published_in_time()


housekeeping()
