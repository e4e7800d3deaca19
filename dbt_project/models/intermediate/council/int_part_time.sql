-- One row per child and school with a part-time session (C2) this academic year, or an open plan of one on the night.
-- Each session is held against the newest plan of that child and school that had begun by its day.
with today as (
    select
        today.as_at,
        max(weeks.year_first_day) as year_first_day
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at
),

council_plans as (
    {{ council_rows('plans') }}
),

plans as (
    select
        council_plans.*,
        coalesce(council_plans.actual_end_date, council_plans.expected_end_date) as plan_end_date
    from council_plans
    where council_plans.plan = 'part_time'
),

sessions as (
    select
        enrolments.person_id,
        enrolments.urn,
        exceptional.session_date,
        exceptional.half
    from {{ ref('int_exceptional_sessions') }} as exceptional
    inner join {{ ref('attendance_codes') }} as codes
        on exceptional.code = codes.code and codes.is_part_time_timetable
    inner join {{ ref('int_enrolments_current') }} as enrolments on exceptional.enrolment_id = enrolments.enrolment_id
    inner join today on exceptional.session_date >= today.year_first_day
),

held as (
    select distinct on (sessions.person_id, sessions.urn, sessions.session_date, sessions.half)
        sessions.person_id,
        sessions.urn,
        sessions.session_date,
        case
            when plans.person_id is null then 'no plan'
            when sessions.session_date > plans.plan_end_date then 'past end'
            when sessions.session_date > plans.review_date then 'past review'
            else 'in plan'
        end as standing
    from sessions
    left join plans
        on
            sessions.person_id = plans.person_id
            and sessions.urn = plans.urn
            and sessions.session_date >= plans.start_date
    order by
        sessions.person_id asc, sessions.urn asc, sessions.session_date asc, sessions.half asc,
        plans.start_date desc nulls last, plans.council_child_id asc
),

counted as (
    select
        person_id,
        urn,
        count(*)::integer as sessions_part_time,
        {% for name, standing in [
            ('without_plan', 'no plan'), ('past_end', 'past end'), ('past_review', 'past review'), ('in_plan', 'in plan')
        ] -%}
            count(*) filter (where standing = '{{ standing }}')::integer as sessions_{{ name }},
        {% endfor -%}
        min(session_date) as first_session_date,
        max(session_date) as last_session_date
    from held
    group by person_id, urn
),

open_plans as (
    select distinct on (plans.person_id, plans.urn)
        plans.person_id,
        plans.urn,
        plans.start_date,
        plans.expected_end_date,
        plans.weekly_sessions,
        plans.review_date,
        plans.is_parent_agreed,
        plans.reason
    from plans
    inner join today
        on plans.start_date <= today.as_at and coalesce(plans.plan_end_date, 'infinity') >= today.as_at
    order by plans.person_id asc, plans.urn asc, plans.start_date desc, plans.council_child_id asc
)

select
    coalesce(counted.person_id, open_plans.person_id) as person_id,
    coalesce(counted.urn, open_plans.urn) as urn,
    coalesce(counted.sessions_part_time, 0) as sessions_part_time,
    coalesce(counted.sessions_in_plan, 0) as sessions_in_plan,
    coalesce(counted.sessions_without_plan, 0) as sessions_without_plan,
    coalesce(counted.sessions_past_end, 0) as sessions_past_end,
    coalesce(counted.sessions_past_review, 0) as sessions_past_review,
    counted.first_session_date,
    counted.last_session_date,
    open_plans.person_id is not null as has_open_plan,
    open_plans.start_date,
    open_plans.expected_end_date,
    open_plans.weekly_sessions,
    open_plans.review_date,
    coalesce(open_plans.review_date < today.as_at, false) as is_review_overdue,
    open_plans.is_parent_agreed,
    open_plans.reason
from counted
full outer join open_plans on counted.person_id = open_plans.person_id and counted.urn = open_plans.urn
cross join today
