-- One row per child of compulsory school age without a school place: its newest application that stands open.
with admissions as (
    {{ council_rows('admissions') }}
),

home_education as (
    {{ council_rows('home_education') }}
),

today as (
    select * from {{ ref('util_today') }}
),

newest as (
    select distinct on (admissions.person_id)
        admissions.*,
        today.as_at
    from admissions
    inner join today on coalesce(admissions.applied_date, '-infinity') <= today.as_at
    where admissions.outcome in ('no_application', 'pending', 'offered', 'accepted', 'refused')
    order by admissions.person_id asc, admissions.applied_date desc nulls last, admissions.reference desc
)

select
    newest.person_id,
    newest.reference,
    newest.admission_round,
    newest.outcome,
    newest.applied_date,
    newest.preferred_urn,
    newest.offered_urn,
    newest.offered_date,
    newest.accepted_date,
    newest.expected_start_date,
    newest.outcome in ('offered', 'accepted') and coalesce(newest.expected_start_date < newest.as_at, false)
        as is_start_passed,
    newest.as_at - newest.applied_date as age_days,
    children.is_cross_border
from newest
inner join {{ ref('int_missing_children') }} as children on newest.person_id = children.person_id
where
    not children.is_on_roll
    and children.is_compulsory_age
    and not exists (
        select 1 from home_education
        where
            home_education.person_id = newest.person_id
            and home_education.start_date <= newest.as_at
            and coalesce(home_education.end_date, 'infinity') >= newest.as_at
            and home_education.suitability <> 'unsuitable'
    )
