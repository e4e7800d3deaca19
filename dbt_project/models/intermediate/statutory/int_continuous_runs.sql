-- One row per enrolment, kind of continuous absence and run: the longest stretches of sessions without a return.
-- A run begins and ends with a session that counts; what it bridges inside is told, and never counts.
{{ config(sql_header="set local work_mem = '128MB';") }}
with today as (
    select * from {{ ref('util_today') }}
),

sessions as (
    select
        run_sessions.*,
        count(*) filter (where not run_sessions.is_counted) over so_far as bridged_so_far,
        count(*) filter (where run_sessions.is_unknown) over so_far as unknown_so_far,
        count(*) filter (where run_sessions.is_counted) over so_far as counted_so_far,
        -- a day's afternoon follows its morning
        lag(run_sessions.school_day_no) over so_far = run_sessions.school_day_no
        and lag(run_sessions.is_counted) over so_far as is_day_counted
    from {{ ref('int_run_sessions') }} as run_sessions
    window so_far as (partition by enrolment_id, kind order by session_no rows unbounded preceding)
),

bridged as (
    select
        enrolment_id,
        kind,
        count(*) as sessions
    from {{ ref('int_run_sessions') }}
    where not is_counted
    group by enrolment_id, kind
),

-- what is bridged taken out, the ordinals of two sessions without a break between them differ as their ranks do
runs as materialized (
    select
        kind,
        enrolment_id,
        person_id,
        urn,
        least_sessions,
        min(session_no) as first_session_no,
        max(session_no) as last_session_no,
        min(session_date) as first_date,
        max(session_date) as last_date,
        min(counted_so_far) as first_counted,
        -- the enrolment's own total reached the days in this run
        min(session_date) filter (where counted_so_far >= least_sessions) as total_reached_date,
        count(*)::integer as sessions,
        count(*) filter (where is_day_counted is not true)::integer as school_days,
        {% for letter in ['g', 'n', 'o', 'u', 'i'] -%}
            count(*) filter (where code = '{{ letter | upper }}')::integer as sessions_{{ letter }},
        {% endfor -%}
        min(bridged_so_far) as bridged_before,
        max(bridged_so_far) as bridged_so_far,
        (max(unknown_so_far) - min(unknown_so_far))::integer as sessions_unknown,
        bool_or(is_on_roll) as is_on_roll
    from sessions
    where is_counted
    group by enrolment_id, kind, session_no - bridged_so_far - counted_so_far, person_id, urn, least_sessions
),

last_due as (
    select
        calendar.urn,
        max(calendar.session_no) as session_no
    from {{ ref('int_school_sessions') }} as calendar
    inner join today on calendar.session_date <= today.as_at
    group by calendar.urn
),

-- the session with which a run became long enough: only long ones are looked up
reached as (
    select
        runs.enrolment_id,
        runs.kind,
        runs.first_session_no,
        sessions.session_date as reached_date
    from runs
    inner join sessions
        on
            runs.enrolment_id = sessions.enrolment_id
            and runs.kind = sessions.kind
            and sessions.is_counted
            and runs.first_counted + runs.least_sessions - 1 = sessions.counted_so_far
    where runs.sessions >= runs.least_sessions
)

select
    runs.kind,
    runs.enrolment_id,
    runs.person_id,
    runs.urn,
    runs.first_session_no,
    runs.last_session_no,
    runs.first_date,
    runs.last_date,
    reached.reached_date,
    runs.total_reached_date,
    runs.sessions,
    runs.school_days,
    {% for letter in ['g', 'n', 'o', 'u', 'i'] -%}
        runs.sessions_{{ letter }},
    {% endfor -%}
    (runs.bridged_so_far - runs.bridged_before)::integer as sessions_bridged,
    runs.sessions_unknown,
    -- every session since, up to the night's last one, is bridged: nothing known says that the child came back
    runs.is_on_roll
    and last_due.session_no - runs.last_session_no = coalesce(bridged.sessions, 0) - runs.bridged_so_far as is_open
from runs
left join reached
    on
        runs.enrolment_id = reached.enrolment_id
        and runs.kind = reached.kind
        and runs.first_session_no = reached.first_session_no
left join bridged on runs.enrolment_id = bridged.enrolment_id and runs.kind = bridged.kind
left join last_due on runs.urn = last_due.urn
