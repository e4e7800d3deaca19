-- One row per group of children (all, sex, year by age, ward of residence): each list counted apart; there is no total.
with children as (
    select * from {{ ref('int_missing_children') }}
),

listed as (
    select
        person_id,
        'cases_confirmed' as list
    from {{ ref('fct_cme_cases') }}
    where is_missing_education
    union
    select
        person_id,
        'enquiries' as list
    from {{ ref('fct_cme_cases') }}
    where is_open and case_status = 'enquiry'
    union
    select
        person_id,
        'without_school_place' as list
    from {{ ref('fct_without_school_place') }}
    where not is_cross_border
    union
    select
        person_id,
        'home_education' as list
    from {{ ref('fct_home_education') }}
    where is_open and is_compulsory_age and not is_on_roll and not is_cross_border
    union
    select
        person_id,
        'on_roll_not_attending' as list
    from {{ ref('fct_on_roll_not_attending') }}
    where is_compulsory_age
    union
    select
        person_id,
        'candidates' as list
    from {{ ref('fct_cme_candidates') }}
    where is_candidate
)

select
    dimensions.dimension,
    dimensions.group_name,
    {% for list in [
        'cases_confirmed', 'enquiries', 'without_school_place', 'home_education', 'on_roll_not_attending', 'candidates'
    ] -%}
    count(*) filter (where listed.list = '{{ list }}')::integer as children_{{ list }}{{ ',' if not loop.last }}
{% endfor %}
from listed
inner join children on listed.person_id = children.person_id
cross join
    lateral (
        values
        ('all', 'all children'),
        ('sex', case children.sex when 'F' then 'girls' when 'M' then 'boys' else 'not known' end),
        ('year by age', coalesce(children.year_by_age::text, 'not known')),
        ('ward of residence', children.ward_name)
    ) as dimensions (dimension, group_name)
group by dimensions.dimension, dimensions.group_name
