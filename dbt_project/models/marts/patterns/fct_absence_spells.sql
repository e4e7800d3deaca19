-- One row per enrolment and spell of absence in this academic year: absent sessions with no attended one between them.
-- Sessions that could not be attended, or of which nothing is known, are bridged, and told.
{{ config(sql_header="set local work_mem = '256MB'; set local parallel_setup_cost = 0;") }}
with enrolments as (
    select
        enrolment_id,
        person_id,
        urn,
        is_on_roll
    from {{ ref('int_enrolments_current') }}
),

today as (
    select * from {{ ref('util_today') }}
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

-- without an attended session between them, the ordinals of two sessions differ as their ranks do
numbered as (
    select
        marks.*,
        enrolments.urn,
        calendar.session_no,
        calendar.school_day_no,
        calendar.session_no - row_number() over (
            partition by marks.enrolment_id order by calendar.session_no
        ) as spell_key
    from marks
    inner join enrolments on marks.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('int_school_sessions') }} as calendar
        on
            enrolments.urn = calendar.urn
            and marks.session_date = calendar.session_date
            and marks.half = calendar.half
),

spells as (
    select
        enrolment_id,
        urn,
        min(session_no) filter (where is_absence) as first_session_no,
        max(session_no) filter (where is_absence) as last_session_no,
        max(session_no) as last_bridged_no,
        min(session_date) filter (where is_absence) as first_date,
        max(session_date) filter (where is_absence) as last_date,
        count(*) filter (where is_absence)::integer as sessions,
        (max(school_day_no) filter (where is_absence) - min(school_day_no) filter (where is_absence) + 1)::integer
            as school_days,
        count(*) filter (where code = 'I')::integer as sessions_ill,
        count(*) filter (where code = 'G')::integer as sessions_holiday,
        count(*) filter (where code = 'N')::integer as sessions_pending,
        count(*) filter (where code in ('O', 'U'))::integer as sessions_other_unauthorised,
        array_agg(session_no) filter (where is_unknown) as unknown_nos
    from numbered
    group by enrolment_id, urn, spell_key
    having bool_or(is_absence)
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
    spells.enrolment_id,
    row_number() over spell_order::integer as spell_no,
    enrolments.person_id,
    spells.urn,
    spells.first_date,
    spells.last_date,
    spells.sessions,
    spells.school_days,
    spells.sessions_ill,
    spells.sessions_holiday,
    spells.sessions_pending,
    spells.sessions_other_unauthorised,
    spells.sessions - spells.sessions_ill - spells.sessions_holiday - spells.sessions_pending
    - spells.sessions_other_unauthorised as sessions_other_authorised,
    spells.last_session_no - spells.first_session_no + 1 - spells.sessions as sessions_bridged,
    coalesce((
        select count(*) from unnest(spells.unknown_nos) as inside (session_no)
        where inside.session_no between spells.first_session_no and spells.last_session_no
    ), 0)::integer as sessions_unknown,
    (spells.first_session_no - lag(spells.last_session_no) over spell_order - 1)::integer as gap_sessions,
    first_days.is_after_weekend as begins_after_weekend,
    last_days.is_before_weekend as ends_before_weekend,
    first_days.is_after_break as begins_after_break,
    last_days.is_before_break as ends_before_break,
    enrolments.is_on_roll and spells.last_bridged_no >= last_due.session_no as is_open
from spells
inner join enrolments on spells.enrolment_id = enrolments.enrolment_id
inner join {{ ref('int_school_day_edges') }} as first_days
    on spells.urn = first_days.urn and spells.first_date = first_days.session_date
inner join {{ ref('int_school_day_edges') }} as last_days
    on spells.urn = last_days.urn and spells.last_date = last_days.session_date
inner join last_due on spells.urn = last_due.urn
window spell_order as (partition by spells.enrolment_id order by spells.first_session_no)
