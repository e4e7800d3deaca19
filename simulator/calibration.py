"""The demo city beside Derby's published figures: DfE's cohort and window, by phase, with the differences in
percentage points.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.oracle import ATTENDED, AUTHORISED, UNAUTHORISED
from simulator.truth.store import connect

PUBLISHED = Path(__file__).parent / "data" / "derby_published.csv"
# Aim in percentage points; a code share has the last.
AIMS = {
    "overall absence": 0.2,
    "authorised absence": 0.2,
    "unauthorised absence": 0.2,
    "persistent": 1.5,
    "severe": 0.7,
}
CODE_AIM = 0.15


def calibration_table(folder: Path) -> pd.DataFrame:
    """phase, measure, city, published, difference, aim: final codes of ages 5 to 15, 8 September 2025 to 10 July 2026.

    As DfE does, the second half of the summer term of 15-year-olds is left out. Severe absence is set beside the
    full-year 2024/25 census series.
    """
    with connect() as db:
        counts = db.execute(
            f"""select e.phase, e.enrolment_no, coalesce(case when m.code in ('/',
                '\\') then 'present' else m.code::varchar end, '') as code, count(*) as n
                from read_parquet('{folder}/marks.parquet') m
                    join read_parquet('{folder}/enrolments.parquet') e using (enrolment_no)
                join read_parquet('{folder}/persons.parquet') p using (person_no)
                where m.session_date between date '2025-09-08' and date '2026-07-10' and e.phase in ('primary',
                    'secondary', 'special')
                  and date_diff('year', p.date_of_birth::date, date '2025-09-01') between 5 and 16
                  and p.date_of_birth::date between date '2009-09-01' and date '2020-08-31'
                  and not (p.date_of_birth::date < date '2010-09-01' and m.session_date >= date '2026-05-25')
                group by all"""
        ).df()
    everyone = counts.assign(phase="total")
    rows = [
        row for phase, part in pd.concat([counts, everyone]).groupby("phase") for row in _measures(str(phase), part)
    ]
    table = pd.DataFrame(rows, columns=["phase", "measure", "city"])
    published = pd.read_csv(PUBLISHED).rename(columns={"value_pct": "published"})
    table = table.merge(published[["phase", "measure", "published"]], on=["phase", "measure"], how="inner")
    table["difference"] = table["city"] - table["published"]
    table["aim"] = [AIMS.get(measure, CODE_AIM) for measure in table["measure"]]
    return table


def _measures(phase: str, part: pd.DataFrame) -> list[tuple[str, str, float]]:
    by_code = part.groupby("code")["n"].sum()
    counted = ["present", *ATTENDED, *AUTHORISED, *UNAUTHORISED]
    possible = int(by_code.reindex(counted).sum())
    absent = part[part["code"].isin([*AUTHORISED, *UNAUTHORISED])].groupby("enrolment_no")["n"].sum()
    own = part[part["code"].isin(counted)].groupby("enrolment_no")["n"].sum()
    missed = absent.reindex(own.index).fillna(0)
    authorised, unauthorised = by_code.reindex(AUTHORISED).sum(), by_code.reindex(UNAUTHORISED).sum()
    rows = [
        (phase, "overall absence", 100 * (authorised + unauthorised) / possible),
        (phase, "authorised absence", 100 * authorised / possible),
        (phase, "unauthorised absence", 100 * unauthorised / possible),
        (phase, "persistent", 100 * float((10 * missed >= own).mean())),
        (phase, "severe", 100 * float((2 * missed >= own).mean())),
    ]
    return rows + [(phase, f"code {code}", 100 * n / possible) for code, n in by_code.items() if code in counted]


def render(table: pd.DataFrame) -> str:
    """The table as text, one block per phase, a star where the aim is missed, and how many aims are met."""
    lines = []
    for phase, part in table.groupby("phase", sort=False):
        lines.append(f"{phase:<24}{'city %':>10}{'Derby %':>10}{'difference':>12}{'aim':>7}")
        for row in part.itertuples():
            star = " *" if abs(row.difference) > row.aim else ""
            lines.append(
                f"  {row.measure:<22}{row.city:>10.3f}{row.published:>10.3f}"
                f"{row.difference:>+12.3f}{row.aim:>7.2f}{star}"
            )
    met = int((table["difference"].abs() <= table["aim"]).sum())
    lines.append(f"{met} of {len(table)} aims met")
    return "\n".join(lines)
