"""How often the sickness forecast came true: python scripts/backtest_sickness_forecast.py TRUTH.

The rule of `fct_sickness_returns` (grounds `expected`), computed here a second time from the truth as known on several
evenings; it came true if the enrolment's illness reached fifteen school days by the last day of the city.
"""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.early_signal import ABSENT, ATTENDED, EVENINGS, YEAR_END
from simulator.truth.store import connect, marks_sql

RETURN_SESSIONS, OPEN_SESSIONS = 30, 10


def forecasts(folder: Path, evening: str) -> tuple[int, int, int]:
    """Enrolments forecast, those of them that came true, and all that reached the days after the evening."""
    with connect() as db:
        db.execute(
            f"create temp table ends as select enrolment_no, count(*) as ill from ({marks_sql(folder)}) "
            "where code = 'I' group by all",
            {"evening": YEAR_END},
        )
        row = db.execute(
            f"""
            with known as (select *, 2 * date_diff('day', date '2025-01-01', session_date) + half as place
                           from ({marks_sql(folder)})),
            totals as (
                select enrolment_no, count(*) filter (code = 'I') as ill,
                       count(*) filter (code in {ATTENDED} or code in {ABSENT}) as possible,
                       coalesce(max(place) filter (code <> 'I' and (code in {ATTENDED} or code in {ABSENT})), 0) as back
                from known group by all),
            runs as (
                select k.enrolment_no, count(*) as run from known k join totals t using (enrolment_no)
                where k.code = 'I' and k.place > t.back group by all),
            rolls as (
                select enrolment_no, urn, case when leaving_known_on <= $evening::date then leaving_date end as leaving
                from read_parquet('{folder}/enrolments.parquet')),
            ahead as (
                select r.enrolment_no, 2 * count(*) as ahead from rolls r join totals t using (enrolment_no)
                join read_parquet('{folder}/school_days.parquet') d on d.urn = r.urn
                where d.session_date > $evening::date and d.session_date <= '{YEAR_END}'::date
                  and d.session_date <= coalesce(r.leaving, '2099-01-01') group by all),
            judged as (
                select coalesce(r.run, 0) >= {OPEN_SESSIONS}
                         and t.ill * (t.possible + coalesce(a.ahead, 0)) >= {RETURN_SESSIONS} * t.possible as forecast,
                       coalesce(e.ill, 0) >= {RETURN_SESSIONS} as reached
                from totals t left join runs r using (enrolment_no) left join ahead a using (enrolment_no)
                left join ends e using (enrolment_no)
                where t.ill < {RETURN_SESSIONS} and coalesce(a.ahead, 0) > 0)
            select count(*) filter (forecast), count(*) filter (forecast and reached), count(*) filter (reached)
            from judged""",
            {"evening": evening},
        ).fetchone()
    if row is None:
        raise RuntimeError("a query of counts gave no row")
    return int(row[0]), int(row[1]), int(row[2])


def main() -> None:
    """Print one line an evening for the truth whose folder is the first argument."""
    for evening in EVENINGS:
        forecast, right, reached = forecasts(Path(sys.argv[1]), evening)
        print(f"{evening}: {forecast} forecast, {right} came true; {reached} reached fifteen days later on")


if __name__ == "__main__":
    main()
