"""What a board pack asks of the marts, and its words for their groups."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "R": "Reception",
    "N1": "Nursery 1",
    "N2": "Nursery 2",
    "EAL": "English is an additional language",
    "not EAL": "English is the first language",
}
AREA: Final = """
    select
        sum(sessions_expected)::integer as sessions_expected, sum(sessions_known)::integer as sessions_known,
        sum(sessions_possible)::integer as sessions_possible, sum(sessions_absent)::integer as sessions_absent,
        sum(sessions_unauthorised)::integer as sessions_unauthorised, sum(enrolments)::integer as enrolments,
        sum(enrolments_persistently_absent)::integer as persistent, sum(enrolments_severely_absent)::integer as severe,
        min(first_week) as first_week, array_agg(distinct dfe_phase) as phases
    from serve.agg_school_absence
    where academic_year = %(year)s and period_type = %(period)s and {who} and sessions_possible > 0
    group by period_name
    order by min(first_week)
"""
OWN: Final = AREA.format(who="urn = any(%(urns)s)")
SIMILAR: Final = AREA.format(
    who="dfe_phase in (select dfe_phase from serve.dim_schools where urn = any(%(urns)s) and dfe_phase is not null)"
)
BY_SCHOOL: Final = """
    select
        schools.school_name, schools.urn, absence.enrolments, absence.enrolments_persistently_absent as persistent,
        absence.enrolments_severely_absent as severe, absence.sessions_absent, absence.sessions_possible,
        absence.sessions_known, absence.sessions_expected
    from serve.agg_school_absence as absence
    inner join serve.dim_schools as schools on absence.urn = schools.urn
    where absence.academic_year = %(year)s and absence.period_type = 'year' and absence.urn = any(%(urns)s)
        and absence.sessions_possible > 0
    order by schools.school_name, schools.urn
"""
GROUPS: Final = """
    select
        dimension, group_name, enrolments, enrolments_persistently_absent as persistent,
        enrolments_severely_absent as severe, sessions_absent, sessions_possible, sessions_expected,
        sessions_expected - sessions_unknown as sessions_known
    from serve.agg_group_absence
    where area_type = %(area_type)s and area = %(area)s and academic_year = %(year)s and period_type = 'year'
        and dimension = any(%(dimensions)s) and enrolments > 0
    order by group_name
"""
DOING: Final = """
    select
        (select count(*) from serve.fct_support_meetings where urn = any(%(urns)s)) as meetings,
        (select max(meeting_date) from serve.fct_support_meetings where urn = any(%(urns)s)) as newest,
        (select count(*) from serve.fct_meeting_actions where urn = any(%(urns)s)) as agreed,
        (select count(*) from serve.fct_meeting_actions where urn = any(%(urns)s) and action_status = 'done') as done,
        (select count(distinct person_id) from serve.fct_since_intervention
            where urn = any(%(urns)s) and coalesce(until_date, 'infinity') >= %(night)s) as children
"""
