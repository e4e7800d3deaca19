-- One row per enrolment and kind of continuous absence that it can have: it has enough sessions that count for it.
-- A table of its own, so that the planner knows how few they are.
-- Nor may it put all marks in the order of their codes, for want of better numbers.
{{ config(
    sql_header="set local work_mem = '64MB'; set local enable_mergejoin = off;"
) }}
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

-- a period of sickness is one of the school year; the others run on over the summer
kinds as (
    select
        kind,
        2 * case kind
            when 'attendance_return' then {{ var('attendance_return_school_days') }}
            when 'deletion_ground' then {{ var('deletion_school_days') }}
            else {{ var('sickness_return_days') }}
        end as least_sessions,
        case kind when 'sickness' then {{ academic_year_start() }} else {{ look_back_start() }} end as first_day,
        bool_or(breaks_run) filter (where session_class = 'not_possible') as is_broken_by_not_possible,
        bool_or(breaks_run) filter (where session_class = 'administrative') as is_broken_by_administrative,
        bool_or(breaks_run) filter (where session_class = 'unknown') as is_broken_by_unknown
    from {{ ref('continuous_absence_rules') }}
    group by kind
),

counted as (
    select
        kinds.kind,
        sessions.enrolment_id,
        count(*) as sessions,
        max(sessions.week_start) as last_week
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code
    inner join kinds
        on
            sessions.session_date >= kinds.first_day
            and case kinds.kind
                when 'attendance_return' then codes.counts_for_10_day_return
                when 'deletion_ground' then codes.counts_for_deletion_20_day
                else codes.counts_for_sickness_return
            end
    where sessions.session_date >= {{ look_back_start() }}
    group by kinds.kind, sessions.enrolment_id
),

-- an illness of fewer days matters only while it is open: nothing attended in a later week
last_attended as (
    select
        weeks.enrolment_id,
        max(weeks.week_start) as last_week
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join {{ ref('util_today') }} as today on weeks.week_start >= today.as_at - 34
    where weeks.sessions_attended > 0
    group by weeks.enrolment_id
)

select
    counted.kind,
    counted.enrolment_id,
    enrolments.person_id,
    enrolments.urn,
    kinds.least_sessions,
    kinds.first_day,
    kinds.is_broken_by_not_possible,
    kinds.is_broken_by_administrative,
    kinds.is_broken_by_unknown,
    enrolments.is_on_roll
from counted
inner join kinds on counted.kind = kinds.kind
inner join enrolments on counted.enrolment_id = enrolments.enrolment_id
left join last_attended on counted.enrolment_id = last_attended.enrolment_id
where
    counted.sessions >= kinds.least_sessions
    or counted.kind = 'sickness'
    and counted.sessions >= 2 * {{ var('sickness_forecast_school_days') }}
    and counted.last_week >= coalesce(last_attended.last_week, '-infinity')
