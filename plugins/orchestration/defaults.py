"""What every DAG has in common, and how a night travels between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import ExceptionRetryPolicy, MultipleCronTriggerTimetable, RetryAction, RetryRule

if TYPE_CHECKING:
    from rollcall.extract import Night

OWNER: Final = "attendance-data"


class Stage(StrEnum):
    """Where on the data's path a DAG stands: every DAG has exactly one."""

    EXTRACT_TO_LOAD = "stage:extract-to-load"
    MODEL_TO_PUBLISH = "stage:model-to-publish"
    REPORT = "stage:report"
    HOUSEKEEPING = "stage:housekeeping"


OUTAGES_ONLY: Final = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="rollcall.errors.TransientError", action=RetryAction.RETRY, retry_delay=timedelta(seconds=30)
        ),
        RetryRule(exception="rollcall.errors.RollcallError", action=RetryAction.FAIL),
    ]
)
"""An outage is tried again; a fault of the data or a refused access is not: trying again cannot help."""

DEFAULTS: Final[dict[str, Any]] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_policy": OUTAGES_ONLY,
    "execution_timeout": timedelta(hours=2),
}


def london_time(*crons: str) -> Any:
    """A schedule in London time; none for a synthetic city, whose evenings come by command."""
    from rollcall.city import is_synthetic
    from rollcall.settings import load_settings

    if is_synthetic(load_settings().city_folder):
        return None
    return MultipleCronTriggerTimetable(*crons, timezone="Europe/London")


def night_to_json(night: Night) -> dict[str, str]:
    """A night as it travels between tasks and with an asset."""
    return {"date": str(night.date), "known_at": night.known_at.isoformat()}


def night_from_json(value: dict[str, str]) -> Night:
    """A night back from a task's value or an asset's event."""
    # imported here: a DAG file is parsed often and must not bring in pyarrow each time
    from rollcall.extract import Night

    return Night(datetime.fromisoformat(value["date"]).date(), datetime.fromisoformat(value["known_at"]))


def night_of_event(context: Any, asset: Any) -> Night:
    """The night of the newest event of ``asset`` that started this run."""
    events = context["triggering_asset_events"][asset]
    return night_from_json(events[-1].extra)
