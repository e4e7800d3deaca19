-- One row per application for a school place, or child without one, and version.
select
    council_child_id,
    reference,
    admission_round,
    applied_date,
    preferred_urn,
    offered_urn,
    offered_date,
    accepted_date,
    expected_start_date,
    outcome,
    withdrawn_date,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'admission') }}
