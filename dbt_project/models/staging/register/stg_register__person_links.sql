-- One row per pupil and version of the link that says which child this is.
select
    pupil_id,
    person_id,
    method,
    confidence,
    is_current,
    known_from,
    known_to
from {{ source('register', 'person_link') }}
