-- Claim:   a school's terms, and its weeks, each add up to its year.
-- Matters: a trend by week or term must lead to the figure for the year.
-- Remedy:  look for a week that int_weeks does not place in a term.
select
    urn,
    academic_year
from {{ ref('agg_school_absence') }}
group by urn, academic_year
having
    coalesce(sum(sessions_expected) filter (where period_type = 'year'), 0)
    <> coalesce(sum(sessions_expected) filter (where period_type = 'term'), 0)
    or coalesce(sum(sessions_absent) filter (where period_type = 'year'), 0)
    <> coalesce(sum(sessions_absent) filter (where period_type = 'week'), 0)
