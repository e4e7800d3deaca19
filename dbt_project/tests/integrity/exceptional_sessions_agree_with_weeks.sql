-- Claim:   the exceptional sessions hold exactly the absences, late marks and part-time marks that the weeks count.
-- Matters: codes, spells, thresholds and returns read the one, every rate the other: they must never tell two stories.
-- Remedy:  rebuild both from nothing (dbt build --full-refresh) and look for loads that did not note their weeks.
with from_sessions as (
    select
        sessions.enrolment_id,
        sessions.week_start,
        count(*) filter (where codes.authorisation = 'authorised') as sessions_authorised,
        count(*) filter (where codes.authorisation = 'unauthorised') as sessions_unauthorised,
        count(*) filter (where codes.is_late_before_close) as sessions_late_before,
        count(*) filter (where codes.is_part_time_timetable) as sessions_part_time
    from {{ ref('int_exceptional_sessions') }} as sessions
    inner join {{ ref('attendance_codes') }} as codes on sessions.code = codes.code
    where codes.is_absence or codes.is_late_before_close
    group by sessions.enrolment_id, sessions.week_start
),

from_weeks as (
    select
        enrolment_id,
        week_start,
        sessions_authorised,
        sessions_unauthorised,
        sessions_late_before,
        sessions_part_time
    from {{ ref('int_enrolment_weeks') }}
    where sessions_absent > 0 or sessions_late_before > 0
)

select
    enrolment_id,
    week_start
from from_sessions
full outer join from_weeks using (enrolment_id, week_start)
where
    from_sessions.sessions_authorised is distinct from from_weeks.sessions_authorised
    or from_sessions.sessions_unauthorised is distinct from from_weeks.sessions_unauthorised
    or from_sessions.sessions_late_before is distinct from from_weeks.sessions_late_before
    or from_sessions.sessions_part_time is distinct from from_weeks.sessions_part_time
