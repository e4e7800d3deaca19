-- One row per child on a CIN, CP, LAC or TAF plan on the night: all its plans, and the one that comes first.
-- Order of precedence: looked after, protection plan, in need, team around the family.
with stays as (
    {{ council_rows('social_care') }}
),

open_stays as (
    select
        stays.*,
        array_position(array['lac', 'cp', 'cin', 'taf'], stays.status) as precedence
    from stays
    inner join {{ ref('util_today') }} as today
        on stays.start_date <= today.as_at and coalesce(stays.end_date, 'infinity') >= today.as_at
),

first_stays as (
    select distinct on (person_id) *
    from open_stays
    order by person_id asc, precedence asc, start_date desc, council_child_id asc
),

every_plan as (
    select
        person_id,
        string_agg(distinct precedence || ' ' || status, ', ') as ordered,
        count(distinct status)::integer as plans,
        max(last_contact_date) as last_contact_date,
        min(next_meeting_date) as next_meeting_date
    from open_stays
    group by person_id
)

select
    first_stays.person_id,
    first_stays.status as plan_status,
    regexp_replace(every_plan.ordered, '[0-9] ', '', 'g') as all_plans,
    every_plan.plans,
    first_stays.start_date,
    first_stays.social_worker,
    first_stays.team,
    first_stays.responsible_la::text as responsible_la,
    first_stays.home_la::text as home_la,
    every_plan.last_contact_date,
    every_plan.next_meeting_date,
    coalesce(every_plan.next_meeting_date < today.as_at, false) as is_meeting_overdue
from first_stays
inner join every_plan on first_stays.person_id = every_plan.person_id
cross join {{ ref('util_today') }} as today
