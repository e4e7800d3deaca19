-- One row per child that the council names in any feed: which person, where it lives, which rules of age apply.
with children as (
    {{ council_rows('children') }}
),

links as (
    select * from {{ ref('stg_council__child_links') }} as links
    where {{ as_known('links') }}
),

-- a child may be named in several ways: the row that says where it lives speaks for all of them
persons as (
    select distinct on (links.person_id)
        links.person_id,
        links.birth_month,
        children.home_la,
        children.lsoa_code,
        children.ward_code,
        children.sex,
        children.known_since
    from links
    left join children on links.council_child_id = children.council_child_id
    order by
        links.person_id asc,
        children.council_child_id is null asc,
        links.birth_month is null asc,
        links.council_child_id asc
),

births as (
    select
        person_id,
        max(birth_month) as birth_month
    from (
        select
            person_id,
            birth_month
        from links
        union all
        select
            person_id,
            birth_month
        from {{ ref('int_enrolments_current') }}
    ) as stated
    group by person_id
)

select
    persons.person_id,
    persons.home_la::text as home_la,
    persons.lsoa_code,
    coalesce(lsoas.ward_code, persons.ward_code) as ward_code,
    lsoas.ward_name,
    lsoas.imd_decile,
    persons.sex,
    persons.known_since,
    births.birth_month,
    {{ compulsory_from('births.birth_month') }} as compulsory_from,
    {{ compulsory_until('births.birth_month') }} as compulsory_until,
    coalesce(persons.home_la::text <> '{{ var("la_code") }}', false) as is_cross_border
from persons
left join births on persons.person_id = births.person_id
left join {{ ref('lsoas') }} as lsoas on persons.lsoa_code = lsoas.lsoa_code
