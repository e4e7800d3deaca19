"""What the plan of a publication reads: every count that a board pack could show."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = ("enrolments", "persistent", "severe")
DIMENSIONS: Final = {
    "year group": "Year group",
    "sex": "Sex",
    "free school meals": "Free school meals",
    "SEN provision": "Special educational needs",
    "EAL": "First language",
    "looked after": "Looked after",
}
ALL_SCHOOLS: Final = """
    select
        absence.urn, schools.trust, schools.dfe_phase, absence.enrolments,
        absence.enrolments_persistently_absent as persistent, absence.enrolments_severely_absent as severe
    from serve.agg_school_absence as absence
    inner join serve.dim_schools as schools on absence.urn = schools.urn
    where absence.academic_year = %(year)s and absence.period_type = 'year' and absence.sessions_possible > 0
    order by absence.urn
"""
ALL_GROUPS: Final = """
    select
        area::integer as urn, dimension, group_name, enrolments, enrolments_persistently_absent as persistent,
        enrolments_severely_absent as severe
    from serve.agg_group_absence
    where area_type = 'school' and academic_year = %(year)s and period_type = 'year'
        and dimension = any(%(dimensions)s) and enrolments > 0
    order by area, dimension, group_name
"""
