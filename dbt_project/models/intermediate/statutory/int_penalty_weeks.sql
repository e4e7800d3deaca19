-- One row per child and school week of its own: sessions that count towards the penalty threshold, at all its schools.
-- Only children who have the sessions at all; a week in which none of the child's schools was open has no row.
{{ config(sql_header="set local work_mem = '128MB';") }}
with today as (
    select * from {{ ref('util_today') }}
),

enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

marks as (
    select
        enrolments.person_id,
        enrolments.urn,
        sessions.enrolment_id,
        sessions.week_start,
        sessions.session_date,
        sessions.half,
        sessions.code,
        codes.is_reason_pending
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code and codes.counts_for_penalty
    inner join enrolments on sessions.enrolment_id = enrolments.enrolment_id
    where
        sessions.session_date >= {{ look_back_start() }}
        and {{ may_be_compulsory_age('sessions.session_date', 'enrolments') }}
),

candidates as materialized (
    select person_id from marks
    group by person_id
    having count(*) >= {{ var('penalty_sessions') }}
),

-- a half day is one session of the child, whatever number of schools marked it
child_sessions as (
    select distinct on (marks.person_id, marks.session_date, marks.half) marks.*
    from marks
    inner join candidates on marks.person_id = candidates.person_id
    order by
        marks.person_id asc, marks.session_date asc, marks.half asc, marks.is_reason_pending asc, marks.code asc,
        marks.enrolment_id asc
),

session_weeks as (
    select
        person_id,
        week_start,
        count(*)::integer as sessions,
        count(*) filter (where is_reason_pending)::integer as sessions_pending,
        {% for letter in ['g', 'n', 'o', 'u'] -%}
            count(*) filter (where code = '{{ letter | upper }}')::integer as sessions_{{ letter }},
        {% endfor -%}
        array_agg(session_date order by session_date, half) as session_dates,
        min(urn) as least_urn,
        max(urn) as greatest_urn,
        (array_agg(urn order by session_date desc, half desc))[1] as last_urn
    from child_sessions
    group by person_id, week_start
),

school_weeks as (
    select
        calendar.urn,
        calendar.week_start,
        min(calendar.session_date) as first_day,
        max(calendar.session_date) as last_day
    from {{ ref('int_school_sessions') }} as calendar
    inner join today on calendar.session_date <= today.as_at
    where calendar.week_start >= {{ look_back_start() }} - 6
    group by calendar.urn, calendar.week_start
),

child_weeks as (
    select
        enrolments.person_id,
        school_weeks.week_start
    from candidates
    inner join enrolments on candidates.person_id = enrolments.person_id
    inner join school_weeks
        on
            enrolments.urn = school_weeks.urn
            and enrolments.entry_date <= school_weeks.last_day
            and school_weeks.first_day <= coalesce(enrolments.leaving_date, 'infinity')
    union
    select
        person_id,
        week_start
    from session_weeks
),

unknown_weeks as (
    select
        enrolments.person_id,
        weeks.week_start,
        sum(weeks.sessions_unknown)::integer as sessions_unknown
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join enrolments on weeks.enrolment_id = enrolments.enrolment_id
    where weeks.sessions_unknown > 0 and weeks.week_start >= {{ look_back_start() }} - 6
    group by enrolments.person_id, weeks.week_start
)

select
    child_weeks.person_id,
    child_weeks.week_start,
    row_number() over (partition by child_weeks.person_id order by child_weeks.week_start)::integer as week_no,
    coalesce(session_weeks.sessions, 0) as sessions,
    coalesce(session_weeks.sessions_pending, 0) as sessions_pending,
    {% for letter in ['g', 'n', 'o', 'u'] -%}
        coalesce(session_weeks.sessions_{{ letter }}, 0) as sessions_{{ letter }},
    {% endfor -%}
    session_weeks.session_dates,
    session_weeks.least_urn,
    session_weeks.greatest_urn,
    session_weeks.last_urn,
    coalesce(unknown_weeks.sessions_unknown, 0) as sessions_unknown
from child_weeks
left join session_weeks
    on child_weeks.person_id = session_weeks.person_id and child_weeks.week_start = session_weeks.week_start
left join unknown_weeks
    on child_weeks.person_id = unknown_weeks.person_id and child_weeks.week_start = unknown_weeks.week_start
