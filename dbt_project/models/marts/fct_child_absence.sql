-- One row per child and period (year to date, term, half term, rolling weeks), pooled over every enrolment in the city.
select
    academic_year,
    period_type,
    period_name,
    person_id,
    {{ session_measures() | join(',\n    ') }},
    {{ absence_flags() }},
    is_dfe_cohort
from {{ ref('int_child_periods') }}
