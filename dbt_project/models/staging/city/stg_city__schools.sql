-- One row per school.
select
    urn,
    laestab,
    name as school_name,
    type as school_type,
    type_group,
    phase,
    trust,
    ward_code,
    ward_name,
    connector,
    link_officer,
    sold_services,
    is_independent,
    is_synthetic,
    open_date,
    close_date
from {{ source('city', 'school') }}
