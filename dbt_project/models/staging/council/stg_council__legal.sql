-- One row per penalty notice or other legal measure and version.
select
    council_child_id,
    reference,
    parent_id,
    urn,
    measure,
    issued_date,
    period_first_date,
    period_last_date,
    sessions,
    paid_date,
    withdrawn_date,
    prosecuted_date,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'legal_measure') }}
