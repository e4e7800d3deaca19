-- One row per child and period: the sum of all the child's enrolments in the city.
{{ config(sql_header="set local work_mem = '256MB';") }}
select
    enrolment_periods.academic_year,
    enrolment_periods.period_type,
    enrolment_periods.period_name,
    enrolment_periods.person_id,
    bool_or(is_dfe_cohort) as is_dfe_cohort,
    count(*)::integer as enrolments,
    {{ sum_session_measures('enrolment_periods') }}
from {{ ref('int_enrolment_periods') }} as enrolment_periods
group by
    enrolment_periods.academic_year,
    enrolment_periods.period_type,
    enrolment_periods.period_name,
    enrolment_periods.person_id
