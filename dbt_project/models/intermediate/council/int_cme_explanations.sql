-- One row per child and record that explains why it is on no roll, with the day from which the record speaks.
with today as (
    select * from {{ ref('util_today') }}
),

home_education as (
    {{ council_rows('home_education') }}
),

cases as (
    {{ council_rows('cme_cases') }}
),

children as (
    select * from {{ ref('int_missing_children') }}
)

select
    children.person_id,
    1 as precedence,
    'on another roll' as explained_by,
    date 'infinity' as speaks_until
from children
where children.is_on_roll
union all
select
    children.person_id,
    2 as precedence,
    'over compulsory school age' as explained_by,
    date 'infinity' as speaks_until
from children
inner join today on children.compulsory_until < today.as_at
union all
select
    home_education.person_id,
    3 as precedence,
    'home education ' || case home_education.suitability when 'suitable' then 'suitable' else 'not yet assessed' end
        as explained_by,
    date 'infinity' as speaks_until
from home_education
inner join today
    on
        home_education.start_date <= today.as_at
        and coalesce(home_education.end_date, 'infinity') >= today.as_at
where home_education.suitability in ('suitable', 'not_yet')
union all
select
    cases.person_id,
    4 as precedence,
    'case closed: ' || replace(cases.outcome, '_', ' ') as explained_by,
    cases.closed_date as speaks_until
from cases
inner join today on cases.closed_date <= today.as_at
-- 'other' explains nothing
where cases.outcome in ('on_roll', 'home_education', 'other_la', 'abroad', 'not_missing', 'over_age')
union all
select
    children.person_id,
    5 as precedence,
    'lives in another authority' as explained_by,
    date 'infinity' as speaks_until
from children
where children.is_cross_border
