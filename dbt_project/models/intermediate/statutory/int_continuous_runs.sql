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
        count(*) filter (where not run_sessions.is_counted)
            over (partition by run_sessions.enrolment_id, run_sessions.kind)
            as bridged_in_all
    from {{ ref('int_run_sessions') }} as run_sessions
    window so_far as (partition by enrolment_id, kind order by session_no)
),

-- what is bridged taken out, the ordinals of two sessions without a break between them differ as their ranks do
counted as (
    select
        sessions.*,
        sessions.session_no - sessions.bridged_so_far - sessions.counted_so_far as run_key,
        row_number() over run as place_in_run,
        coalesce(lag(sessions.school_day_no) over run, 0) <> sessions.school_day_no as is_new_day
    from sessions
    where sessions.is_counted
    window run as (
        partition by enrolment_id, kind, session_no - bridged_so_far - counted_so_far order by session_no
    )
),

last_due as (
    select
        calendar.urn,
        max(calendar.session_no) as session_no
    from {{ ref('int_school_sessions') }} as calendar
    inner join today on calendar.session_date <= today.as_at
    group by calendar.urn
)

select
    counted.kind,
    counted.enrolment_id,
    counted.person_id,
    counted.urn,
    min(counted.session_no) as first_session_no,
    max(counted.session_no) as last_session_no,
    min(counted.session_date) as first_date,
    max(counted.session_date) as last_date,
    min(counted.session_date) filter (where counted.place_in_run >= counted.least_sessions) as reached_date,
    min(counted.session_date) filter (where counted.counted_so_far >= counted.least_sessions) as total_reached_date,
    count(*)::integer as sessions,
    count(*) filter (where counted.is_new_day)::integer as school_days,
    {% for letter in ['g', 'n', 'o', 'u', 'i'] -%}
        count(*) filter (where counted.code = '{{ letter | upper }}')::integer as sessions_{{ letter }},
    {% endfor -%}
    (max(counted.bridged_so_far) - min(counted.bridged_so_far))::integer as sessions_bridged,
    (max(counted.unknown_so_far) - min(counted.unknown_so_far))::integer as sessions_unknown,
    -- every session since, up to the night's last one, is bridged: nothing known says that the child came back
    bool_or(counted.is_on_roll)
    and max(last_due.session_no) - max(counted.session_no) = max(counted.bridged_in_all) - max(counted.bridged_so_far)
        as is_open
from counted
left join last_due on counted.urn = last_due.urn
group by counted.enrolment_id, counted.kind, counted.run_key, counted.person_id, counted.urn
