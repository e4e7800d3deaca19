-- One row per granted leave of absence that has ended for a child on a roll who attended nowhere since.
with plans as (
    {{ council_rows('plans') }}
),

today as (
    select * from {{ ref('util_today') }}
),

ended as (
    select distinct on (plans.person_id, plans.urn)
        plans.person_id,
        plans.urn,
        plans.start_date,
        coalesce(plans.actual_end_date, plans.expected_end_date) as leave_end_date,
        plans.reason
    from plans
    cross join today
    where plans.plan = 'leave' and coalesce(plans.actual_end_date, plans.expected_end_date) < today.as_at
    order by
        plans.person_id asc, plans.urn asc, coalesce(plans.actual_end_date, plans.expected_end_date) desc,
        plans.start_date desc
),

not_back as (
    select
        ended.*,
        last_attended.last_attended_date,
        (
            select count(distinct sessions.session_date)
            from {{ ref('int_school_sessions') }} as sessions
            where
                sessions.urn = ended.urn
                and sessions.session_date > ended.leave_end_date
                and sessions.session_date <= today.as_at
        )::integer as school_days_since
    from ended
    cross join today
    inner join {{ ref('int_last_attended') }} as last_attended
        on
            ended.person_id = last_attended.person_id
            and coalesce(last_attended.last_attended_date, '-infinity') <= ended.leave_end_date
)

select
    person_id,
    urn,
    start_date,
    leave_end_date,
    reason,
    last_attended_date,
    school_days_since,
    school_days_since >= {{ var('leave_return_school_days') }} as is_ground_h_signal
from not_back
where school_days_since > 0
