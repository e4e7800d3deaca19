-- One row per day of the city's academic years.
select
    days.calendar_day::date as calendar_date,
    weeks.week_start,
    weeks.academic_year,
    terms.period_name as term_name,
    half_terms.period_name as half_term_name,
    extract(isodow from days.calendar_day)::integer as weekday_no,
    count(sessions.urn)::integer as schools_open
from {{ ref('int_weeks') }} as weeks
cross join generate_series(weeks.week_start, weeks.week_start + 6, interval '1 day') as days (calendar_day)
left join {{ ref('int_weeks') }} as terms
    on weeks.week_start = terms.week_start and terms.period_type = 'term'
left join {{ ref('int_weeks') }} as half_terms
    on weeks.week_start = half_terms.week_start and half_terms.period_type = 'half_term'
left join {{ ref('stg_city__school_sessions') }} as sessions
    on sessions.session_date = days.calendar_day::date and sessions.half = 1
where weeks.period_type = 'week'
group by 1, 2, 3, 4, 5, 6
