-- One row per school.
select
    schools.urn,
    schools.laestab,
    schools.school_name,
    schools.school_type,
    schools.type_group,
    schools.phase,
    phases.dfe_phase,
    schools.trust,
    schools.ward_code,
    schools.ward_name,
    schools.link_officer,
    schools.sold_services,
    nullif(schools.connector, '') as connector,
    schools.is_independent,
    schools.is_synthetic,
    coalesce(phases.is_in_dfe_cohort, false) and not schools.is_independent as is_in_dfe_statistics,
    schools.open_date,
    schools.close_date
from {{ ref('stg_city__schools') }} as schools
left join {{ ref('phases') }} as phases on schools.phase = phases.phase
