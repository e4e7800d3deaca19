-- One row per enrolment, kind of continuous absence and session that counts for a run of that kind or is bridged by it.
-- Only enrolments that can have such a run; what is bridged and what breaks is data (continuous_absence_rules).
-- The planner thinks the sessions few and would look each up alone: hence no nested loops.
{{ config(sql_header="set local work_mem = '128MB'; set local enable_nestloop = off;") }}
with candidates as (
    select * from {{ ref('int_run_candidates') }}
),

marks as (
    select
        sessions.enrolment_id,
        sessions.session_date,
        sessions.half,
        codes.*
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code
    where
        sessions.session_date >= {{ look_back_start() }}
        and (codes.counts_for_10_day_return or codes.counts_for_sickness_return or not codes.is_possible)
),

known_sessions as (
    select
        candidates.kind,
        marks.enrolment_id,
        marks.session_date,
        marks.half,
        marks.code,
        marks.is_possible as is_counted,
        false as is_unknown
    from marks
    inner join candidates
        on
            marks.enrolment_id = candidates.enrolment_id
            and marks.session_date >= candidates.first_day
            and case
                when marks.category = 'not_possible' then not candidates.is_broken_by_not_possible
                when marks.category = 'administrative' then not candidates.is_broken_by_administrative
                when candidates.kind = 'attendance_return' then marks.counts_for_10_day_return
                when candidates.kind = 'deletion_ground' then marks.counts_for_deletion_20_day
                else marks.counts_for_sickness_return
            end
),

unknown_sessions as (
    select
        candidates.kind,
        weeks.enrolment_id,
        weeks.week_start + bits.bit_no / 2 as session_date,
        (1 + bits.bit_no % 2)::smallint as half,
        null as code,
        false as is_counted,
        true as is_unknown
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join candidates
        on
            weeks.enrolment_id = candidates.enrolment_id
            and not candidates.is_broken_by_unknown
            and weeks.week_start >= candidates.first_day - 6
    cross join generate_series(0, 13) as bits (bit_no)
    where
        weeks.sessions_unknown > 0
        and weeks.due_sessions & ~weeks.known_sessions & (1 << bits.bit_no) <> 0
        and weeks.week_start + bits.bit_no / 2 >= candidates.first_day
),

run_sessions as (
    select * from known_sessions
    union all
    select * from unknown_sessions
)

select
    run_sessions.*,
    candidates.person_id,
    candidates.urn,
    candidates.least_sessions,
    candidates.is_on_roll,
    calendar.session_no,
    calendar.school_day_no
from run_sessions
inner join candidates
    on run_sessions.enrolment_id = candidates.enrolment_id and run_sessions.kind = candidates.kind
inner join {{ ref('int_school_sessions') }} as calendar
    on
        candidates.urn = calendar.urn
        and run_sessions.session_date = calendar.session_date
        and run_sessions.half = calendar.half
