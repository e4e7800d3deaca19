-- One row per child and period: the sum of all the child's enrolments in the city, in phase and over all phases.
select
    enrolment_periods.academic_year,
    enrolment_periods.period_type,
    enrolment_periods.period_name,
    enrolment_periods.person_id,
    case when grouping(dfe_phase) = 0 then dfe_phase end as dfe_phase,
    grouping(dfe_phase) = 1 as is_whole_city,
    bool_or(is_dfe_cohort) as is_dfe_cohort,
    count(*)::integer as enrolments,
    {{ sum_session_measures('enrolment_periods') }}
from {{ ref('int_enrolment_periods') }} as enrolment_periods
group by
    enrolment_periods.academic_year,
    enrolment_periods.period_type,
    enrolment_periods.period_name,
    enrolment_periods.person_id,
    grouping sets ((dfe_phase), ())
