-- One row per week of an academic year, with the term, half term and month that it counts in.
-- A month holds the weeks whose Friday lies in it; the rolling weeks are the twelve that end with the night's own.
with memberships as (
    select * from {{ ref('int_weeks') }}
),

last_half_terms as (
    select
        academic_year,
        max(first_day) as last_half_term_first_day
    from {{ ref('stg_city__periods') }}
    where period_type = 'half_term'
    group by academic_year
),

weeks as (
    select
        week_start,
        academic_year,
        year_first_day,
        max(period_name) filter (where period_type = 'term') as term_name,
        max(period_name) filter (where period_type = 'half_term') as half_term_name,
        coalesce(bool_or(is_last_of_year) filter (where period_type = 'half_term'), false) as is_last_half_term
    from memberships
    where period_type in ('week', 'term', 'half_term')
    group by week_start, academic_year, year_first_day
)

select
    weeks.week_start,
    weeks.academic_year,
    weeks.year_first_day,
    weeks.term_name,
    weeks.half_term_name,
    to_char(weeks.week_start + 4, 'YYYY-MM') as month_name,
    weeks.is_last_half_term,
    last_half_terms.last_half_term_first_day,
    weeks.week_start between today.week_start - 7 * ({{ var('rolling_weeks') }} - 1) and today.week_start as is_rolling
from weeks
cross join {{ ref('util_today') }} as today
left join last_half_terms on weeks.academic_year = last_half_terms.academic_year
