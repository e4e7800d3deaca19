-- Claim:   an enrolment's spells hold every absent session of the academic year on days of its calendar, once.
-- Matters: spell counts, longest spells and the mix of reasons rest on them.
-- Remedy:  look for sessions with two marks, or ordinals of int_school_sessions that repeat.
with from_marks as (
    select
        sessions.enrolment_id,
        count(*) as sessions
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code and codes.is_absence
    inner join {{ ref('int_enrolments_current') }} as enrolments on sessions.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('int_school_sessions') }} as calendar
        on
            enrolments.urn = calendar.urn
            and sessions.session_date = calendar.session_date
            and sessions.half = calendar.half
    where sessions.session_date >= {{ academic_year_start() }}
    group by sessions.enrolment_id
),

from_spells as (
    select
        enrolment_id,
        sum(sessions) as sessions
    from {{ ref('fct_absence_spells') }}
    group by enrolment_id
)

select enrolment_id
from from_marks
full outer join from_spells using (enrolment_id)
where from_marks.sessions is distinct from from_spells.sessions
