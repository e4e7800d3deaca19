-- One row per school and week in which it has a session or a pupil of it a mark: its days beside breaks, its first ten.
with school_weeks as (
    select
        urn,
        week_start,
        bit_or(3 << (2 * (session_date - week_start))) filter (where is_after_break or is_before_break)
            as break_sessions,
        bit_or(3 << (2 * (session_date - week_start))) filter (where year_day_no <= 10) as first_sessions
    from {{ ref('int_school_day_edges') }}
    group by urn, week_start
),

marked_weeks as (
    select
        urn,
        week_start
    from {{ ref('int_school_masks') }}
    group by urn, week_start
)

select
    coalesce(school_weeks.urn, marked_weeks.urn) as urn,
    coalesce(school_weeks.week_start, marked_weeks.week_start) as week_start,
    coalesce(school_weeks.break_sessions, 0) as break_sessions,
    coalesce(school_weeks.first_sessions, 0) as first_sessions
from school_weeks
full outer join marked_weeks
    on school_weeks.urn = marked_weeks.urn and school_weeks.week_start = marked_weeks.week_start
