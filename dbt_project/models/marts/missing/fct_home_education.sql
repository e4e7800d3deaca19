-- One row per child and spell of elective home education, as it stood on the night.
with spells as (
    {{ council_rows('home_education') }}
)

select distinct on (spells.person_id, spells.start_date)
    spells.person_id,
    spells.notified_date,
    spells.start_date,
    spells.end_date,
    spells.suitability,
    spells.assessed_date,
    spells.last_school_urn,
    coalesce(spells.end_date, 'infinity') >= today.as_at as is_open,
    children.is_on_roll,
    children.is_compulsory_age,
    children.is_cross_border
from spells
inner join {{ ref('util_today') }} as today on spells.start_date <= today.as_at
inner join {{ ref('int_missing_children') }} as children on spells.person_id = children.person_id
order by spells.person_id asc, spells.start_date asc, spells.council_child_id asc
