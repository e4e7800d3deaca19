-- One row per enrolment and spell of absence in this academic year: absent sessions with no attended one between them.
-- Sessions that could not be attended, or of which nothing is known, are bridged, and counted apart.
{{ config(sql_header="set local work_mem = '256MB';") }}
with enrolments as (
    select
        enrolment_id,
        urn
    from {{ ref('int_enrolments_current') }}
),

marks as (
    select
        sessions.enrolment_id,
        sessions.session_date,
        sessions.half,
        codes.code,
        codes.is_absence,
        false as is_unknown
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes
        on sessions.code = codes.code and (codes.is_absence or not codes.is_possible)
    where sessions.session_date >= {{ academic_year_start() }}
    union all
    select
        weeks.enrolment_id,
        weeks.week_start + bits.bit_no / 2 as session_date,
        (1 + bits.bit_no % 2)::smallint as half,
        null as code,
        false as is_absence,
        true as is_unknown
    from {{ ref('int_enrolment_weeks') }} as weeks
    cross join generate_series(0, 13) as bits (bit_no)
    where
        weeks.sessions_unknown > 0
        and weeks.week_start + bits.bit_no / 2 >= {{ academic_year_start() }}
        and weeks.due_sessions & ~weeks.known_sessions & (1 << bits.bit_no) <> 0
),

numbered as (
    select
        marks.*,
        enrolments.urn,
        calendar.session_no,
        calendar.school_day_no,
        count(*) filter (where not marks.is_absence) over so_far as bridged_so_far,
        count(*) filter (where marks.is_unknown) over so_far as unknown_so_far,
        row_number() over so_far as marks_so_far,
        count(*) filter (where not marks.is_absence) over (partition by marks.enrolment_id) as bridged_in_all
    from marks
    inner join enrolments on marks.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('int_school_sessions') }} as calendar
        on
            enrolments.urn = calendar.urn
            and marks.session_date = calendar.session_date
            and marks.half = calendar.half
    window so_far as (partition by marks.enrolment_id order by calendar.session_no rows unbounded preceding)
)

-- the ordinals of two absent or bridged sessions without another between them differ as their ranks do
select
    enrolment_id,
    urn,
    min(session_no) as first_session_no,
    max(session_no) as last_session_no,
    min(session_date) as first_date,
    max(session_date) as last_date,
    count(*)::integer as sessions,
    (max(school_day_no) - min(school_day_no) + 1)::integer as school_days,
    count(*) filter (where code = 'I')::integer as sessions_ill,
    count(*) filter (where code = 'G')::integer as sessions_holiday,
    count(*) filter (where code = 'N')::integer as sessions_pending,
    count(*) filter (where code in ('O', 'U'))::integer as sessions_other_unauthorised,
    (max(bridged_so_far) - min(bridged_so_far))::integer as sessions_bridged,
    (max(unknown_so_far) - min(unknown_so_far))::integer as sessions_unknown,
    (max(bridged_in_all) - max(bridged_so_far))::integer as sessions_bridged_since
from numbered
where is_absence
group by enrolment_id, urn, session_no - marks_so_far
