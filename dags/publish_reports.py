"""# Publish reports

Writes what people open: the city report, GX Data Docs, the catalogue and the summary of the run; and tells whoever
asked to be told. On the last school day of a term also the packs for boards and meetings, into their own folder; the
parameter `packs` asks for them on any night, or for none.

**When**: each time `build_marts` has published. **After a failure**: the marts are published, the last report stays (where
`paper` failed, the new page stands without its PDF and the index says so); clear the failed task.
"""

from datetime import UTC, datetime

from airflow.sdk import Param, dag, get_current_context, task

from orchestration.assets import marts
from orchestration.defaults import DEFAULTS, Stage, night_from_json, night_of_event, night_to_json


@dag(
    schedule=[marts],
    start_date=datetime(2025, 9, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[Stage.REPORT],
    params={"packs": Param("term end", enum=["term end", "none", "board", "tsm", "all"])},
    doc_md=__doc__,
)
def publish_reports():
    """Declare the path: write the pages, then say how the night went. The PDF keeps nobody waiting."""

    @task
    def city_report() -> dict[str, str]:
        from rollcall.nightly import write_page

        night = night_of_event(get_current_context(), marts)
        write_page()
        return night_to_json(night)

    @task
    def paper() -> list[str]:
        from rollcall.nightly import write_paper

        return write_paper()

    @task
    def data_docs() -> dict[str, str]:
        from rollcall.nightly import write_data_docs

        night = night_of_event(get_current_context(), marts)
        write_data_docs(night)
        return night_to_json(night)

    @task
    def catalogue(night: dict[str, str]) -> int:
        from rollcall.nightly import write_catalogue

        return write_catalogue(night_from_json(night))

    @task
    def packs(night: dict[str, str]) -> str:
        from rollcall.nightly import write_packs

        return write_packs(night_from_json(night), get_current_context()["params"]["packs"])

    @task
    def tell(night: dict[str, str]) -> str:
        from rollcall.nightly import tell

        return tell(night_from_json(night))

    night = city_report()
    night >> paper()
    tell(night) >> packs(night)
    catalogue(data_docs())


publish_reports()
