-- One row per enrolment, kind of continuous absence and session that counts for a run of that kind or is bridged by it.
-- Only enrolments that can have such a run; what is bridged and what breaks is data (continuous_absence_rules).
{{ config(sql_header="set local work_mem = '128MB'; set local parallel_setup_cost = 0;") }}
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

kind_codes as (
    select
        kinds.kind,
        kinds.first_day,
        codes.code,
        case kinds.kind
            when 'attendance_return' then codes.counts_for_10_day_return
            when 'deletion_ground' then codes.counts_for_deletion_20_day
            else codes.counts_for_sickness_return
        end as is_counted,
        case codes.category
            when 'not_possible' then not kinds.is_broken_by_not_possible
            when 'administrative' then not kinds.is_broken_by_administrative
            else false
        end as is_bridged
    from kinds
    cross join {{ ref('attendance_codes') }} as codes
),

marks as (
    select
        kind_codes.kind,
        sessions.enrolment_id,
        sessions.session_date,
        sessions.half,
        sessions.code,
        kind_codes.is_counted
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join kind_codes
        on
            sessions.code = kind_codes.code
            and sessions.session_date >= kind_codes.first_day
            and (kind_codes.is_counted or kind_codes.is_bridged)
    where sessions.session_date >= {{ look_back_start() }}
),

-- few enrolments can have such a run: only they are taken apart into sessions
candidates as materialized (
    select
        marks.kind,
        kinds.first_day,
        kinds.least_sessions,
        kinds.is_broken_by_unknown,
        marks.enrolment_id,
        enrolments.person_id,
        enrolments.urn,
        enrolments.is_on_roll
    from marks
    inner join kinds on marks.kind = kinds.kind
    inner join enrolments on marks.enrolment_id = enrolments.enrolment_id
    where marks.is_counted
    group by 1, 2, 3, 4, 5, 6, 7, 8
    having count(*) >= case marks.kind
        when 'sickness' then least(kinds.least_sessions, 2 * {{ var('sickness_forecast_school_days') }})
        else kinds.least_sessions
    end
),

unknown_sessions as (
    select
        candidates.kind,
        weeks.enrolment_id,
        weeks.week_start + bits.bit_no / 2 as session_date,
        (1 + bits.bit_no % 2)::smallint as half
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join candidates
        on
            weeks.enrolment_id = candidates.enrolment_id
            and not candidates.is_broken_by_unknown
            and weeks.week_start + 6 >= candidates.first_day
    cross join generate_series(0, 13) as bits (bit_no)
    where
        weeks.due_sessions & ~weeks.known_sessions <> 0
        and weeks.due_sessions & ~weeks.known_sessions & (1 << bits.bit_no) <> 0
        and weeks.week_start + bits.bit_no / 2 >= candidates.first_day
),

run_sessions as (
    select
        marks.kind, marks.enrolment_id, marks.session_date, marks.half, marks.code, marks.is_counted,
        false as is_unknown
    from marks
    inner join candidates on marks.enrolment_id = candidates.enrolment_id and marks.kind = candidates.kind
    union all
    select kind, enrolment_id, session_date, half, null as code, false as is_counted, true as is_unknown
    from unknown_sessions
)

-- without a break between them, the ordinals of two sessions differ as their ranks do
select
    run_sessions.kind,
    run_sessions.enrolment_id,
    candidates.person_id,
    candidates.urn,
    candidates.least_sessions,
    run_sessions.session_date,
    run_sessions.half,
    run_sessions.code,
    run_sessions.is_counted,
    run_sessions.is_unknown,
    candidates.is_on_roll,
    calendar.session_no,
    calendar.school_day_no,
    (calendar.session_no - row_number() over (
        partition by run_sessions.kind, run_sessions.enrolment_id order by calendar.session_no
    ))::integer as run_key
from run_sessions
inner join candidates
    on run_sessions.enrolment_id = candidates.enrolment_id and run_sessions.kind = candidates.kind
inner join {{ ref('int_school_sessions') }} as calendar
    on
        candidates.urn = calendar.urn
        and run_sessions.session_date = calendar.session_date
        and run_sessions.half = calendar.half
