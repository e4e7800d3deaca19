-- One row per enrolment, kind of continuous absence and run: the longest stretches of sessions without a return.
-- A run begins and ends with a session that counts; what it bridges inside is told, and never counts.
{{ config(sql_header="set local work_mem = '128MB'; set local parallel_setup_cost = 0;") }}
with sessions as (
    select
        run_sessions.*,
        min(session_no) filter (where is_counted) over run as first_session_no,
        max(session_no) filter (where is_counted) over run as last_session_no,
        max(session_no) over run as last_bridged_no,
        count(*) filter (where is_counted) over (run order by session_no) as sessions_so_far,
        count(*) filter (where is_counted) over (
            partition by kind, enrolment_id order by session_no
        ) as total_so_far
    from {{ ref('int_run_sessions') }} as run_sessions
    window run as (partition by kind, enrolment_id, run_key)
),

today as (
    select * from {{ ref('util_today') }}
),

last_due as (
    select
        calendar.urn,
        max(calendar.session_no) as session_no
    from {{ ref('int_school_sessions') }} as calendar
    inner join today on calendar.session_date <= today.as_at
    group by calendar.urn
),

runs as (
    select
        sessions.kind,
        sessions.enrolment_id,
        sessions.person_id,
        sessions.urn,
        sessions.first_session_no,
        sessions.last_session_no,
        min(sessions.session_date) filter (where sessions.is_counted) as first_date,
        max(sessions.session_date) filter (where sessions.is_counted) as last_date,
        min(sessions.session_date) filter (where sessions.sessions_so_far >= sessions.least_sessions) as reached_date,
        min(sessions.session_date) filter (
            where sessions.is_counted and sessions.total_so_far >= sessions.least_sessions
        ) as total_reached_date,
        count(*) filter (where sessions.is_counted)::integer as sessions,
        count(distinct sessions.school_day_no) filter (where sessions.is_counted)::integer as school_days,
        {%- for letter in ['g', 'n', 'o', 'u', 'i'] %}
        count(*) filter (where sessions.is_counted and sessions.code = '{{ letter | upper }}')::integer
            as sessions_{{ letter }},
        {%- endfor %}
        count(*) filter (
            where not sessions.is_counted and not sessions.is_unknown
            and sessions.session_no between sessions.first_session_no and sessions.last_session_no
        )::integer as sessions_bridged,
        count(*) filter (
            where sessions.is_unknown
            and sessions.session_no between sessions.first_session_no and sessions.last_session_no
        )::integer as sessions_unknown,
        -- nothing known since, up to the night's last session, says that the child came back
        bool_and(sessions.is_on_roll and sessions.last_bridged_no >= last_due.session_no) as is_open
    from sessions
    left join last_due on sessions.urn = last_due.urn
    where sessions.first_session_no is not null
    group by 1, 2, 3, 4, 5, 6, sessions.run_key
)

select * from runs
