-- One row per child named by a feed of the council and version of the link that says which person it is.
select
    council_child_id,
    person_id,
    method,
    confidence,
    birth_month,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'child_link') }}
