-- One row per school and day of its calendar: whether it lies beside a weekend or a break, and its place in the year.
-- A break is a gap of three or more weekdays without school; a shorter gap is a weekend, bank holidays included.
with days as (
    select distinct
        urn,
        academic_year,
        session_date,
        week_start,
        school_day_no
    from {{ ref('int_school_sessions') }}
),

neighbours as (
    select
        days.*,
        lag(days.session_date) over school as previous_date,
        lead(days.session_date) over school as next_date,
        row_number() over (partition by days.urn, days.academic_year order by days.session_date)::integer as year_day_no
    from days
    window school as (partition by urn order by session_date)
),

edges as (
    select
        neighbours.*,
        -- the first day of a calendar follows a break, and the last one known comes before one
        coalesce({{ weekdays_between('previous_date', 'session_date') }} >= 3, true) as is_after_break,
        coalesce({{ weekdays_between('session_date', 'next_date') }} >= 3, true) as is_before_break
    from neighbours
)

select
    urn,
    academic_year,
    session_date,
    week_start,
    school_day_no,
    year_day_no,
    is_after_break,
    is_before_break,
    not is_after_break and previous_date < session_date - 1 as is_after_weekend,
    not is_before_break and next_date > session_date + 1 as is_before_weekend,
    -- the break that a day follows has the number so far, the one that it comes before the next
    count(*) filter (where is_after_break) over (partition by urn order by session_date)::integer as break_no
from edges
