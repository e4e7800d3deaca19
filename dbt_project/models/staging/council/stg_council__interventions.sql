-- One row per stay of a child in one intervention and version.
select
    council_child_id,
    intervention,
    since_date,
    until_date,
    urn,
    owner_role,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'intervention') }}
