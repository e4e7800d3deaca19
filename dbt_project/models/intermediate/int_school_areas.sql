-- One row per school and area that it is counted in: the city, its phase, type, trust, ward, link officer, and itself.
select
    schools.urn,
    areas.area_type,
    coalesce(areas.area, 'none') as area
from {{ ref('stg_city__schools') }} as schools
left join {{ ref('phases') }} as phases on schools.phase = phases.phase
cross join lateral (
    values
    ('city', 'City'),
    ('phase', phases.dfe_phase),
    ('type', schools.type_group),
    ('trust', nullif(schools.trust, '')),
    ('ward', nullif(schools.ward_name, '')),
    ('link officer', nullif(schools.link_officer, '')),
    ('school', schools.urn::text)
) as areas (area_type, area)
