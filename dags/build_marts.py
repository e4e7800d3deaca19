"""# Build marts

Runs dbt over the register, compares every hop, and moves all marts in one transaction.

**When**: each time `nightly_registers` has loaded a night.

**After a failure**: nothing was published; yesterday's marts are still what everybody reads, and the failed task's log
names the model, the test or the hop. Mend the cause and clear the failed task.
"""

from datetime import UTC, datetime

from airflow.sdk import dag, get_current_context, task

from orchestration.assets import marts, register
from orchestration.defaults import DEFAULTS, Stage, night_from_json, night_of_event, night_to_json


@dag(
    schedule=[register],
    start_date=datetime(2025, 9, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[Stage.MODEL_TO_PUBLISH],
    doc_md=__doc__,
)
def build_marts():
    """Declare the path: build aside, audit, publish."""

    @task
    def build() -> dict[str, str]:
        from rollcall.nightly import build

        night = night_of_event(get_current_context(), register)
        build(night)
        return night_to_json(night)

    @task
    def audit(night: dict[str, str]) -> dict[str, int]:
        from rollcall.nightly import audit

        return audit(night_from_json(night))["figures"]

    @task(outlets=[marts])
    def publish(night: dict[str, str], figures: dict[str, int], *, outlet_events=None) -> dict:
        from rollcall.nightly import publish

        outlet_events[marts].extra = night
        return publish(night_from_json(night), figures)

    night = build()
    publish(night, audit(night))


build_marts()
