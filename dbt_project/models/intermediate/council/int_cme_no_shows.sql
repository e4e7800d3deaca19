-- One row per stay of this academic year in which some session is known and none was attended, here or elsewhere.
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

today as (
    select
        today.as_at,
        max(weeks.year_first_day) as year_first_day
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at
),

attendance as (
    select
        enrolment_id,
        sum(sessions_attended) as sessions_attended,
        sum(sessions_possible) as sessions_possible
    from {{ ref('int_enrolment_periods') }}
    where period_type = 'year'
    group by enrolment_id
),

-- few rows: materialised, so that their other enrolments are looked up one by one
never_seen as materialized (
    select
        enrolments.*,
        attendance.sessions_possible
    from enrolments
    inner join today
        on
            enrolments.entry_date >= today.year_first_day
            and today.as_at between enrolments.compulsory_from and enrolments.compulsory_until
    inner join attendance
        on
            enrolments.enrolment_id = attendance.enrolment_id
            and attendance.sessions_attended = 0
            and attendance.sessions_possible > 0
    where enrolments.is_on_roll
),

seen_elsewhere as (
    select distinct never_seen.enrolment_id
    from never_seen
    inner join enrolments as other
        on never_seen.person_id = other.person_id and never_seen.enrolment_id <> other.enrolment_id
    inner join {{ ref('int_enrolment_weeks') }} as other_weeks
        on
            other.enrolment_id = other_weeks.enrolment_id
            and other_weeks.week_start >= never_seen.entry_date - 6
            and other_weeks.sessions_attended > 0
)

select
    never_seen.person_id,
    'no_show_starter' as rule_name,
    'on_roll' as kind,
    never_seen.enrolment_id,
    never_seen.urn,
    never_seen.destination_urn,
    never_seen.removal_ground,
    'on_roll' as triage,
    'On roll since ' || never_seen.entry_date || ', ' || never_seen.sessions_possible
    || ' sessions known and none attended' as evidence,
    never_seen.entry_date as since_date
from never_seen
left join seen_elsewhere on never_seen.enrolment_id = seen_elsewhere.enrolment_id
where seen_elsewhere.enrolment_id is null
