"""The school as a mapped task: its credentials from Airflow's connections, its pool, and silence as a skipped task."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from orchestration.defaults import night_to_json

if TYPE_CHECKING:
    from rollcall.extract import Night

log = logging.getLogger(__name__)


def schools_to_ask(night: Night, urns: list[int]) -> list[dict[str, Any]]:
    """The keyword arguments of each mapped task: the night, the school's URN and its name for the grid."""
    from rollcall.nightly import schools_to_ask
    from rollcall.settings import load_settings

    asked = schools_to_ask(load_settings(), night, urns)
    return [{"night": night_to_json(night), "urn": school.urn, "name": school.label} for school in asked]


def credentials_from_airflow(name: str) -> Any:
    """A school's connection, as Airflow's secrets backends hold it."""
    from airflow.sdk import BaseHook

    from rollcall.connectors import Connection

    found = BaseHook.get_connection(name)
    return Connection(
        conn_type=found.conn_type,
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )


def collect_or_skip(urn: int, night: Night, credentials: Any) -> None:
    """Ask one school; a silent one is a skipped task, which the night's line names."""
    from airflow.sdk.exceptions import AirflowSkipException

    from rollcall.errors import NothingDelivered
    from rollcall.nightly import collect_school

    try:
        collect_school(urn, night, credentials)
    except NothingDelivered as silence:
        raise AirflowSkipException(str(silence)) from silence


def validate_and_load(night: Night) -> dict[str, Any]:
    """Validate and load a night's extracts, with progress in the task's log."""
    from rollcall.nightly import validate_and_load

    def progress(stage: str, done: int, total: int) -> None:
        if done == total or done % 20 == 0:
            log.info("%s: %s of %s extracts", stage, done, total)

    return asdict(validate_and_load(night, progress=progress))
