-- Claim:   the city's absence in the year to date lies between 2 and 20 per cent, and most of the year is known.
-- Matters: a whole city outside this has lost its marks or its mapping; no English area of any recent year was outside.
-- Remedy:  look at coverage by school, then at the codes' shares against DfE's.
{{ config(severity='warn') }}
select
    academic_year,
    absence_rate,
    coverage_rate
from {{ ref('agg_city_absence') }}
where
    period_type = 'year'
    and (
        absence_rate not between 0.02 and 0.20
        or 100 * sessions_known < {{ var('min_coverage_pct') }} * sessions_expected
    )
