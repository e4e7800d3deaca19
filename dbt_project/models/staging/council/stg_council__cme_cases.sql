-- One row per case of a child missing education, or enquiry into one, and version.
select
    council_child_id,
    case_reference,
    opened_date,
    missing_since,
    start_rule,
    status,
    confirmed_date,
    cme_reason,
    last_school_urn,
    is_whereabouts_known,
    closed_date,
    outcome,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'cme_case') }}
