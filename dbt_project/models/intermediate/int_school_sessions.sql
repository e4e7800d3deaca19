-- One row per school and session that its calendar holds, with its ordinals: "consecutive" is a difference of one.
-- A school week is a week with at least one session of that school: holidays use up none.
with sessions as (
    select
        urn,
        academic_year,
        session_date,
        half,
        {{ week_start('session_date') }} as week_start
    from {{ ref('stg_city__school_sessions') }}
)

select
    urn,
    academic_year,
    session_date,
    half,
    week_start,
    row_number() over (partition by urn order by session_date, half)::integer as session_no,
    dense_rank() over (partition by urn order by session_date)::integer as school_day_no,
    dense_rank() over (partition by urn order by week_start)::integer as school_week_no
from sessions
