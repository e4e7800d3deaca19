-- One row per enrolment and session still marked as without a reason after the school days that the law allows.
with today as (
    select * from {{ ref('util_today') }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

pending as (
    select
        enrolments.person_id,
        enrolments.urn,
        enrolments.is_on_roll,
        sessions.enrolment_id,
        sessions.session_date,
        sessions.half,
        sessions.code
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code and codes.is_reason_pending
    inner join enrolments on sessions.enrolment_id = enrolments.enrolment_id
),

school_days as (
    select distinct
        calendar.urn,
        calendar.session_date,
        calendar.school_day_no
    from {{ ref('int_school_sessions') }} as calendar
    inner join today on calendar.session_date <= today.as_at
),

-- the school's own days after each day that has such a mark
ages as (
    select
        days.urn,
        days.session_date,
        count(school_days.session_date)::integer as age_school_days
    from (select distinct
        urn,
        session_date
    from pending) as days
    left join school_days on days.urn = school_days.urn and days.session_date < school_days.session_date
    group by days.urn, days.session_date
)

select
    pending.enrolment_id,
    pending.session_date,
    case pending.half when 1 then 'AM' else 'PM' end as session,
    pending.person_id,
    pending.urn,
    pending.code,
    ages.age_school_days,
    ages.age_school_days - {{ var('n_code_school_days') }} as school_days_overdue,
    pending.is_on_roll
from pending
inner join ages on pending.urn = ages.urn and pending.session_date = ages.session_date
where ages.age_school_days > {{ var('n_code_school_days') }}
