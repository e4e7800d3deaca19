-- Claim:   the sessions of one week all fall in the one term, half term and year that the week counts in.
-- Matters: weeks are the smallest part that periods are summed from.
-- Remedy:  in the city's settings, let terms and half terms begin and end in holidays.
with session_days as (
    select distinct
        session_date,
        {{ week_start('session_date') }} as week_start
    from {{ ref('stg_city__school_sessions') }}
)

select
    session_days.session_date,
    periods.period_type,
    periods.period_name
from session_days
inner join {{ ref('stg_city__periods') }} as periods
    on session_days.session_date between periods.first_day and periods.last_day
left join {{ ref('int_weeks') }} as weeks
    on
        session_days.week_start = weeks.week_start
        and periods.period_type = weeks.period_type
        and periods.period_name = weeks.period_name
        and periods.academic_year = weeks.academic_year
where weeks.week_start is null
