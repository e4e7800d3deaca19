"""# Nightly registers

Asks every connected school for its register, lands what it sends, validates every extract with Great Expectations and
loads what is accepted into schema `register`.

**When**: 18:30 London time on school days, when registers are closed; again at 04:30 for the stragglers: only the
schools that are not in yet are asked. **Parameters**: `date` (a night to replay), `known_at`, `schools` (URNs).

**After a failure**: a school's own mapped task is red, or skipped where it was silent, and its line in
`ops.school_night` says why; every other school is loaded. Clear the school's task to ask it again: nothing that was
loaded is loaded twice. `council_feeds` brings in what the council itself exports, beside the schools; a feed that is
missing or held has its line in `ops.feed_night` and keeps nobody waiting.
"""

from datetime import UTC, datetime

from airflow.sdk import Param, dag, get_current_context, task

from orchestration.assets import register
from orchestration.defaults import DEFAULTS, Stage, london_time, night_from_json, night_to_json
from orchestration.schools import credentials_from_airflow


@dag(
    # 18:30: afternoon registers are closed and the schools' own exports have run; 04:30: before the 07:00 deadline
    schedule=london_time("30 18 * * 1-5", "30 4 * * 2-6"),
    start_date=datetime(2025, 9, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[Stage.EXTRACT_TO_LOAD],
    doc_md=__doc__,
    params={
        "date": Param(None, type=["null", "string"], description="Night to run, as YYYY-MM-DD; empty: the newest one."),
        "known_at": Param(None, type=["null", "string"], description="Moment of knowledge (simulated nights only)."),
        "schools": Param([], type="array", description="URNs to ask; empty: every school that is not in yet."),
    },
)
def nightly_registers():
    """Declare the path: choose the night, ask each school, validate and load."""

    @task
    def choose_night(params: dict | None = None) -> dict[str, str]:
        from rollcall.nightly import choose_night

        return night_to_json(choose_night(params["date"], params["known_at"], datetime.now(UTC)))

    @task
    def schools_to_ask(night: dict[str, str], params: dict | None = None) -> list[dict]:
        from orchestration.schools import schools_to_ask

        return schools_to_ask(night_from_json(night), params["schools"])

    # what it landed lies in the landing store; handing that on as well would be a call to the API for each school
    @task(map_index_template="{{ school_name }}", do_xcom_push=False)
    def collect(night: dict[str, str], urn: int, name: str) -> None:
        from orchestration.schools import collect_or_skip

        get_current_context()["school_name"] = name
        collect_or_skip(urn, night_from_json(night), credentials_from_airflow)

    @task
    def council_feeds(night: dict[str, str]) -> dict[str, str]:
        from rollcall.nightly import bring_feeds

        return bring_feeds(night_from_json(night))

    @task(trigger_rule="all_done", outlets=[register])
    def validate_and_load(night: dict[str, str], feeds: dict, *, outlet_events=None) -> dict:
        from orchestration.schools import validate_and_load

        outlet_events[register].extra = night
        return validate_and_load(night_from_json(night))

    night = choose_night()
    collect.expand_kwargs(schools_to_ask(night)) >> validate_and_load(night, council_feeds(night))


nightly_registers()
