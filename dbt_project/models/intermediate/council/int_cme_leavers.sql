-- One row per stay that ended with no later one anywhere in the city: left at compulsory school age.
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

today as (
    select * from {{ ref('util_today') }}
),

leavers as (
    select
        enrolments.*,
        coalesce(grounds.triage, 'follow_up') as triage,
        coalesce(grounds.is_twenty_day_absence, false) as is_twenty_day_absence
    from enrolments
    inner join today
        on
            enrolments.leaving_date < today.as_at
            and enrolments.leaving_date + 1 between enrolments.compulsory_from and enrolments.compulsory_until
    left join {{ ref('removal_grounds') }} as grounds on enrolments.removal_ground = grounds.removal_ground
    where not exists (
        select 1
        from enrolments as other
        where
            other.person_id = enrolments.person_id
            and other.enrolment_id <> enrolments.enrolment_id
            and coalesce(other.leaving_date, 'infinity') >= enrolments.leaving_date
            -- of two that ended on one day, the later one asks the question
            and (
                other.leaving_date is distinct from enrolments.leaving_date
                or other.enrolment_id > enrolments.enrolment_id
            )
    )
)

select
    person_id,
    case
        when is_twenty_day_absence then 'deleted_20_day_ground'
        when destination_urn is not null then 'transfer_gap'
        else 'leaver_no_arrival'
    end as rule_name,
    'candidate' as kind,
    enrolment_id,
    urn,
    destination_urn,
    removal_ground,
    triage,
    'Left on ' || leaving_date || ', ground ' || coalesce(removal_ground, 'not given')
    || coalesce(', destination ' || destination_urn, '') || ', no later enrolment in the city' as evidence,
    leaving_date as since_date
from leavers
