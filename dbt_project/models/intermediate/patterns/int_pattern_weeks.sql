-- One row per enrolment and week of this academic year with a session absent or not possible: which ones.
{{ config(sql_header="set local work_mem = '256MB'; set local parallel_setup_cost = 0;") }}
with codes as (
    select
        code,
        is_absence,
        not is_possible as is_not_possible
    from {{ ref('attendance_codes') }}
    where is_absence or not is_possible
),

exceptional as (
    select
        sessions.enrolment_id,
        sessions.week_start,
        coalesce(
            bit_or({{ session_bit('sessions.session_date', 'sessions.half') }}) filter (where codes.is_absence), 0
        ) as absent_sessions,
        coalesce(
            bit_or({{ session_bit('sessions.session_date', 'sessions.half') }}) filter (where codes.is_not_possible), 0
        ) as not_possible_sessions
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join codes on sessions.code = codes.code
    where sessions.week_start + 6 >= {{ academic_year_start() }}
    group by sessions.enrolment_id, sessions.week_start
),

weeks as (
    select
        weeks.enrolment_id,
        weeks.week_start,
        weeks.known_sessions,
        (weeks.known_sessions & ~exceptional.not_possible_sessions)::smallint as possible_sessions,
        (weeks.known_sessions & exceptional.absent_sessions)::smallint as absent_sessions
    from exceptional
    inner join {{ ref('int_enrolment_weeks') }} as weeks
        on exceptional.enrolment_id = weeks.enrolment_id and exceptional.week_start = weeks.week_start
)

select * from weeks
