-- One row per child and question that the council's own records raise: known and nowhere, home education that ended or
-- does not do, an offer not taken up, an application without a place.
with children as (
    select * from {{ ref('int_missing_children') }}
),

today as (
    select * from {{ ref('util_today') }}
),

home_education as (
    {{ council_rows('home_education') }}
),

admissions as (
    {{ council_rows('admissions') }}
),

nowhere as (
    select
        children.person_id,
        'off_roll_everywhere' as rule_name,
        null::integer as urn,
        'Known to the council at compulsory school age, on no roll of the city ever' as evidence,
        greatest(coalesce(children.known_since, children.compulsory_from), children.compulsory_from) as since_date
    from children
    where not children.was_on_a_roll
),

home as (
    select distinct on (home_education.person_id)
        home_education.person_id,
        case when home_education.end_date < today.as_at then 'ehe_ended_no_school' else 'ehe_unsuitable' end
            as rule_name,
        home_education.last_school_urn as urn,
        case
            when home_education.end_date < today.as_at then 'Home education ended on ' || home_education.end_date
            else 'Home education assessed as unsuitable' || coalesce(' on ' || home_education.assessed_date, '')
        end as evidence,
        case
            when home_education.end_date < today.as_at then home_education.end_date
            else coalesce(home_education.assessed_date, home_education.start_date)
        end as since_date,
        home_education.end_date,
        home_education.suitability
    from home_education
    inner join today on home_education.start_date <= today.as_at
    order by
        home_education.person_id asc, coalesce(home_education.end_date, 'infinity') desc,
        home_education.start_date desc, home_education.council_child_id asc
),

-- the child's newest application that stands open
places as (
    select distinct on (admissions.person_id)
        admissions.*,
        admissions.outcome in ('offered', 'accepted')
        and coalesce(admissions.expected_start_date < today.as_at, false) as is_start_passed
    from admissions
    inner join today on coalesce(admissions.applied_date, '-infinity') <= today.as_at
    where admissions.outcome in ('no_application', 'pending', 'offered', 'accepted', 'refused')
    order by admissions.person_id asc, admissions.applied_date desc nulls last, admissions.reference desc
),

applied as (
    select
        places.person_id,
        case when places.is_start_passed then 'offer_not_started' else 'application_without_place' end as rule_name,
        coalesce(places.offered_urn, places.preferred_urn) as urn,
        case
            when places.is_start_passed then 'Was to start on ' || places.expected_start_date
            when places.outcome = 'no_application' then 'No application was made'
            else 'Application of ' || coalesce(places.applied_date::text, 'no date') || ' stands at ' || places.outcome
        end as evidence,
        case
            when places.is_start_passed then places.expected_start_date
            else coalesce(
                places.applied_date, greatest(
                    coalesce(children.known_since, children.compulsory_from),
                    children.compulsory_from
                )
            )
        end as since_date
    from places
    inner join children on places.person_id = children.person_id
),

questions as (
    select * from nowhere
    union all
    select
        home.person_id,
        home.rule_name,
        home.urn,
        home.evidence,
        home.since_date
    from home
    cross join today
    where home.end_date < today.as_at or home.suitability = 'unsuitable'
    union all
    select * from applied
)

select
    questions.person_id,
    questions.rule_name,
    'candidate' as kind,
    null::integer as enrolment_id,
    questions.urn,
    null::integer as destination_urn,
    null::text as removal_ground,
    'follow_up' as triage,
    questions.evidence,
    questions.since_date
from questions
cross join today
inner join children
    on questions.person_id = children.person_id and today.as_at >= children.compulsory_from
