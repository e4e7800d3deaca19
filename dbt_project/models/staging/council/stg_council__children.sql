-- One row per child that the council knows of and version.
select
    council_child_id,
    home_la,
    lsoa_code,
    ward_code,
    sex,
    known_since,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'child') }}
