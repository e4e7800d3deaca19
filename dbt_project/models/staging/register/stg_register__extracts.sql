-- One row per extract in the ledger.
select
    extract_id,
    urn,
    connector,
    verdict,
    marks_in,
    marks_changed,
    marks_removed,
    marks_unmapped,
    rows_quarantined,
    is_complete,
    night,
    source_time as source_at,
    known_at
from {{ source('register', 'extract') }}
