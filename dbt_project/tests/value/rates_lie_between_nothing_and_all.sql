-- Claim:   every rate lies between 0 and 1, and severe never exceeds persistent.
-- Matters: before publishing; a rate outside means that a numerator holds what its denominator does not.
-- Remedy:  compare the two counts of the row that is named.
select
    academic_year,
    period_name,
    dfe_phase
from {{ ref('agg_phase_absence') }}
where
    coalesce(absence_rate, 0) not between 0 and 1
    or coalesce(coverage_rate, 0) not between 0 and 1
    or coalesce(persistent_rate, 0) not between 0 and 1
    or coalesce(severe_rate, 0) > coalesce(persistent_rate, 0)
    or coalesce(children_severe_rate, 0) > coalesce(children_persistent_rate, 0)
    or coalesce(dfe_severe_rate, 0) > coalesce(dfe_persistent_rate, 0)
    or schools_in > schools_expected
