-- One row per child of a register or of the council: on a roll or not on the night, and where and how old it is.
with enrolments as (
    select
        person_id,
        bool_or(is_on_roll) as is_on_roll,
        max(birth_month) as birth_month,
        max(sex) as sex,
        max(leaving_date) as last_leaving_date,
        min(entry_date) as first_entry_date,
        (array_agg(urn order by is_on_roll desc, entry_date desc, enrolment_id desc))[1] as latest_urn
    from {{ ref('int_enrolments_current') }}
    group by person_id
),

council as (
    select * from {{ ref('int_council_children') }}
),

today as (
    select * from {{ ref('util_today') }}
),

children as (
    select
        coalesce(enrolments.person_id, council.person_id) as person_id,
        coalesce(enrolments.is_on_roll, false) as is_on_roll,
        enrolments.person_id is not null as was_on_a_roll,
        enrolments.latest_urn,
        coalesce(council.birth_month, enrolments.birth_month) as birth_month,
        coalesce(council.sex, enrolments.sex) as sex,
        council.known_since,
        council.home_la,
        coalesce(council.ward_name, 'not known') as ward_name,
        coalesce(council.is_cross_border, false) as is_cross_border
    from enrolments
    full outer join council on enrolments.person_id = council.person_id
)

select
    children.person_id,
    children.is_on_roll,
    children.was_on_a_roll,
    children.latest_urn,
    children.birth_month,
    children.sex,
    children.known_since,
    children.home_la,
    children.ward_name,
    children.is_cross_border,
    {{ compulsory_from('children.birth_month') }} as compulsory_from,
    {{ compulsory_until('children.birth_month') }} as compulsory_until,
    coalesce(
        today.as_at between {{ compulsory_from('children.birth_month') }}
        and {{ compulsory_until('children.birth_month') }}, false
    ) as is_compulsory_age,
    {{ year_by_age('children.birth_month', 'today.as_at') }} as year_by_age
from children
cross join today
