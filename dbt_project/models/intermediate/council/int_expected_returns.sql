-- One row per event of this academic year in a register that asks for a return to the council, with its last day.
{%- set year_place = "case enrolments.nc_year when 'N1' then -2 when 'N2' then -1 when 'R' then 0
        else substring(enrolments.nc_year from '^[0-9]+$')::integer end" %}
with today as (
    select
        today.as_at,
        max(weeks.year_first_day) as year_first_day
    from {{ ref('util_today') }} as today
    inner join {{ ref('int_weeks') }} as weeks on today.as_at >= weeks.year_first_day
    group by today.as_at
),

enrolments as (
    select
        enrolments.*,
        {{ year_place }} as year_place
    from {{ ref('int_enrolments_current') }} as enrolments
    -- a guest is not on the admission register
    where coalesce(enrolments.enrolment_status, 'C') <> 'G'
),

classes as (
    select
        urn,
        min(year_place) as most_junior,
        max(year_place) as most_senior
    from enrolments
    group by urn
),

school_years as (
    select
        sessions.urn,
        min(sessions.session_date) as first_school_day,
        max(sessions.session_date) as last_school_day
    from {{ ref('int_school_sessions') }} as sessions
    inner join {{ ref('int_weeks') }} as weeks
        on sessions.week_start = weeks.week_start and weeks.period_type = 'year'
    inner join today on weeks.year_first_day = today.year_first_day
    group by sessions.urn
),

events as (
    select
        'new_pupil' as return_type,
        enrolments.enrolment_id,
        enrolments.entry_date as event_date,
        enrolments.entry_date + {{ var('new_pupil_return_days') }} as due_date
    from enrolments
    inner join today on enrolments.entry_date between today.year_first_day and today.as_at
    left join classes on enrolments.urn = classes.urn
    left join school_years on enrolments.urn = school_years.urn
    -- not required for the most junior class on the first day of the school year
    where
        not coalesce(
            enrolments.year_place = classes.most_junior and enrolments.entry_date <= school_years.first_school_day,
            false
        )
    union all
    select
        'deletion' as return_type,
        enrolments.enrolment_id,
        enrolments.leaving_date as event_date,
        enrolments.leaving_date as due_date
    from enrolments
    inner join today on enrolments.leaving_date between today.year_first_day and today.as_at
    left join classes on enrolments.urn = classes.urn
    left join school_years on enrolments.urn = school_years.urn
    -- not required where the school's final year ends: over age, or in the most senior class on the last school day
    where
        enrolments.removal_ground is distinct from 'l'
        and not coalesce(
            enrolments.year_place = classes.most_senior
            and enrolments.leaving_date >= school_years.last_school_day, false
        )
    union all
    select
        runs.return_type,
        runs.enrolment_id,
        runs.event_date,
        runs.reached_date
        + case runs.return_type
            when 'attendance' then {{ var('attendance_return_due_days') }} else {{ var('sickness_return_due_days') }}
        end as due_date
    from {{ ref('int_return_runs') }} as runs
    inner join today on runs.event_date >= today.year_first_day
)

select
    events.return_type,
    events.enrolment_id,
    enrolments.person_id,
    enrolments.urn,
    enrolments.destination_urn,
    enrolments.removal_ground,
    events.event_date,
    events.due_date
from events
inner join enrolments on events.enrolment_id = enrolments.enrolment_id
