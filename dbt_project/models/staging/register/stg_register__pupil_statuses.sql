-- One row per pupil, dated status and version.
select
    pupil_id,
    attribute,
    value,
    is_current,
    effective_from,
    known_from,
    known_to
from {{ source('register', 'pupil_status') }}
