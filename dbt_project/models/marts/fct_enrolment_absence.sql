-- One row per enrolment and period (year to date, term, half term, rolling weeks).
-- DfE's unit: "how absent is this child at this school".
select
    academic_year,
    period_type,
    period_name,
    enrolment_id,
    urn,
    {{ session_measures() | join(',\n    ') }},
    {{ absence_flags() }},
    is_dfe_cohort
from {{ ref('int_enrolment_periods') }}
