-- One row per enrolment, academic year to date and code with at least one session; ordinary presence is one code, /\.
with exceptional as (
    select
        sessions.enrolment_id,
        week_periods.academic_year,
        sessions.code,
        count(*)::integer as sessions
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('int_week_periods') }} as week_periods
        on sessions.week_start = week_periods.week_start and week_periods.term_name is not null
    -- a closure, or a child not yet on roll, on a day that was not declared is no session: see the known ones
    where
        sessions.code not in (
            select markers.code from {{ ref('attendance_codes') }} as markers
            where markers.category = 'administrative'
        )
        or exists (
            select 1 from {{ ref('int_enrolment_weeks') }} as weeks
            where
                weeks.enrolment_id = sessions.enrolment_id
                and weeks.week_start = sessions.week_start
                and weeks.known_sessions::integer
                & {{ session_bit('sessions.session_date', 'sessions.half::integer') }} <> 0
        )
    group by sessions.enrolment_id, week_periods.academic_year, sessions.code
),

attending as (
    select
        exceptional.enrolment_id,
        exceptional.academic_year,
        sum(exceptional.sessions)::integer as sessions
    from exceptional
    inner join {{ ref('attendance_codes') }} as codes on exceptional.code = codes.code and codes.is_attending
    group by exceptional.enrolment_id, exceptional.academic_year
),

ordinary as (
    select
        enrolment_id,
        academic_year,
        '/\' as code,
        periods.sessions_attended - coalesce(attending.sessions, 0) as sessions
    from {{ ref('int_enrolment_periods') }} as periods
    left join attending using (enrolment_id, academic_year)
    where periods.period_type = 'year'
),

codes_used as (
    select * from exceptional
    union all
    select * from ordinary
    where sessions > 0
)

select
    codes_used.enrolment_id,
    enrolments.person_id,
    enrolments.urn,
    codes_used.academic_year,
    codes_used.code,
    codes_used.sessions
from codes_used
inner join {{ ref('int_enrolments_current') }} as enrolments on codes_used.enrolment_id = enrolments.enrolment_id
