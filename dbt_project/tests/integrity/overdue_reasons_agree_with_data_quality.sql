-- Claim:   sessions whose reason is overdue, session by session, are as many as data quality counts for each school.
-- Matters: a school is told a number and a list: they must be the same sessions, found in two ways.
-- Remedy:  compare int_exceptional_sessions and the pending masks of int_enrolment_weeks; rebuild both from nothing.
with listed as (
    select
        urn,
        count(*) as sessions_overdue
    from {{ ref('fct_unexplained_overdue') }}
    group by urn
),

counted as (
    select
        quality.urn,
        quality.sessions_overdue
    from {{ ref('fct_data_quality') }} as quality
    inner join {{ ref('util_today') }} as today on quality.night = today.as_at
)

select
    counted.urn,
    counted.sessions_overdue as sessions_counted,
    listed.sessions_overdue as sessions_listed
from counted
left join listed on counted.urn = listed.urn
where counted.sessions_overdue <> coalesce(listed.sessions_overdue, 0)
