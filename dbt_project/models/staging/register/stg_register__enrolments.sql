-- One row per enrolment and version.
select
    enrolment_id,
    pupil_id,
    urn,
    destination_urn,
    extract_id,
    leaving_reason,
    removal_ground,
    destination,
    enrolment_status,
    nc_year,
    registration_group,
    coalesce(is_boarder, false) as is_boarder,
    is_current,
    entry_date,
    leaving_date,
    known_from,
    known_to
from {{ source('register', 'enrolment') }}
