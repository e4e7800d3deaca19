-- One row per pupil, status of social care and day from which it holds or no longer holds, by the council's stays.
-- Only of statuses that the council has a stay of for that child: of the others it says nothing.
with stays as (
    {{ council_rows('social_care') }}
),

named as (
    select
        stays.person_id,
        case stays.status when 'lac' then 'looked_after' else stays.status end as attribute,
        stays.start_date,
        coalesce(stays.end_date, 'infinity') as end_date
    from stays
    where stays.status in ('lac', 'cin', 'cp')
),

changes as (
    select
        person_id,
        attribute,
        date '-infinity' as effective_from
    from named
    union
    select
        person_id,
        attribute,
        start_date as effective_from
    from named
    union
    select
        person_id,
        attribute,
        end_date + 1 as effective_from
    from named
    where end_date < 'infinity'
),

pupils as (
    select distinct
        pupil_id,
        person_id
    from {{ ref('int_enrolments_current') }}
)

select
    pupils.pupil_id,
    changes.attribute,
    case
        when exists (
            select 1 from named
            where
                named.person_id = changes.person_id
                and named.attribute = changes.attribute
                and changes.effective_from between named.start_date and named.end_date
        ) then 'Y'
        else 'N'
    end as value,
    changes.effective_from
from changes
inner join pupils on changes.person_id = pupils.person_id
