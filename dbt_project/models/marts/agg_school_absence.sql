-- One row per school and period (week, month, half term, term, year to date).
select
    urn,
    dfe_phase,
    academic_year,
    period_type,
    period_name,
    first_week,
    {{ session_measures() | join(',\n    ') }},
    sessions_known,
    enrolments,
    enrolments_persistently_absent,
    enrolments_severely_absent,
    dfe_enrolments,
    dfe_enrolments_persistently_absent,
    dfe_enrolments_severely_absent,
    dfe_sessions_possible,
    dfe_sessions_absent,
    {{ absence_rates() }},
    is_expected,
    is_in,
    is_settled,
    last_school_day
from {{ ref('int_school_periods') }}
