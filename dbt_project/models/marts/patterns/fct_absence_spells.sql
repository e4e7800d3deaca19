-- One row per enrolment and spell of absence in this academic year: absent sessions with no attended one between them.
-- Sessions that could not be attended, or of which nothing is known, are bridged, and counted apart.
{{ config(sql_header="set local work_mem = '128MB';") }}
with spells as (
    select * from {{ ref('int_absence_spells') }}
),

enrolments as (
    select
        enrolment_id,
        person_id,
        is_on_roll
    from {{ ref('int_enrolments_current') }}
),

days as (
    select * from {{ ref('int_school_day_edges') }}
),

last_due as (
    select
        calendar.urn,
        max(calendar.session_no) as session_no
    from {{ ref('int_school_sessions') }} as calendar
    inner join {{ ref('util_today') }} as today on calendar.session_date <= today.as_at
    group by calendar.urn
)

select
    spells.enrolment_id,
    (row_number() over spell_order)::integer as spell_no,
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
    spells.sessions_bridged,
    spells.sessions_unknown,
    spells.first_session_no - lag(spells.last_session_no) over spell_order - 1 as gap_sessions,
    first_days.is_after_weekend as begins_after_weekend,
    last_days.is_before_weekend as ends_before_weekend,
    first_days.is_after_break as begins_after_break,
    last_days.is_before_break as ends_before_break,
    enrolments.is_on_roll
    and last_due.session_no - spells.last_session_no = spells.sessions_bridged_since as is_open
from spells
inner join enrolments on spells.enrolment_id = enrolments.enrolment_id
inner join days as first_days on spells.urn = first_days.urn and spells.first_date = first_days.session_date
inner join days as last_days on spells.urn = last_days.urn and spells.last_date = last_days.session_date
inner join last_due on spells.urn = last_due.urn
window spell_order as (partition by spells.enrolment_id order by spells.first_session_no)
