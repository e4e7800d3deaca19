-- One row per child and question about the records themselves: two rolls, no departure before an arrival, no return.
-- None of them says that a child is missing education.
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

-- sole registrations only: main with subsidiary, and a guest, are agreed
sole as (
    select * from enrolments
    where is_on_roll and coalesce(enrolment_status, 'C') = 'C'
),

two_rolls as (
    select distinct on (later.person_id)
        later.*,
        earlier.urn as other_urn
    from sole as later
    inner join sole as earlier
        on
            later.person_id = earlier.person_id
            and later.urn <> earlier.urn
            and (later.entry_date, later.enrolment_id) > (earlier.entry_date, earlier.enrolment_id)
    order by later.person_id asc, later.entry_date desc, later.enrolment_id desc
),

school_years as (
    select
        sessions.urn,
        min(sessions.session_date) as first_school_day
    from {{ ref('int_school_sessions') }} as sessions
    inner join today on sessions.session_date >= today.year_first_day
    group by sessions.urn
),

arrived as (
    select enrolments.*
    from enrolments
    inner join today on enrolments.entry_date between today.year_first_day and today.as_at
    inner join school_years
        on enrolments.urn = school_years.urn and enrolments.entry_date > school_years.first_school_day
    where
        coalesce(enrolments.enrolment_status, 'C') = 'C'
        and enrolments.entry_date between enrolments.compulsory_from and enrolments.compulsory_until
        and not exists (
            select 1 from enrolments as earlier
            where
                earlier.person_id = enrolments.person_id
                and earlier.enrolment_id <> enrolments.enrolment_id
                and earlier.leaving_date <= enrolments.entry_date
        )
),

returns as (
    select * from {{ ref('int_return_timeliness') }}
    where timeliness = 'missing' and return_type in ('new_pupil', 'deletion')
)

select
    person_id,
    'two_rolls' as rule_name,
    'data_question' as kind,
    enrolment_id,
    urn,
    destination_urn,
    removal_ground,
    'data' as triage,
    'On the roll of ' || urn || ' since ' || entry_date || ' and still on that of ' || other_urn as evidence,
    entry_date as since_date
from two_rolls
union all
select
    person_id,
    'arrived_without_departure' as rule_name,
    'data_question' as kind,
    enrolment_id,
    urn,
    destination_urn,
    removal_ground,
    'data' as triage,
    'Entered on ' || entry_date || ', and no roll of the city says that the child left one before' as evidence,
    entry_date as since_date
from arrived
union all
select
    person_id,
    return_type || '_without_return' as rule_name,
    'data_question' as kind,
    enrolment_id,
    urn,
    destination_urn,
    removal_ground,
    'data' as triage,
    'A return was due by ' || due_date || ' and the council has none' as evidence,
    event_date as since_date
from returns
