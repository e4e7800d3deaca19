-- One row per return that a school made to the council and version.
select
    council_child_id,
    urn,
    return_type,
    event_date,
    returned_date,
    removal_ground,
    destination_urn,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'school_return') }}
