-- One row per night and school that was asked.
select
    night,
    urn,
    status,
    reason_code,
    reason,
    extract_id,
    rows_in,
    marks_new,
    marks_changed,
    marks_removed,
    marks_unchanged,
    rows_quarantined,
    source_time as source_at
from {{ source('ops', 'school_night') }}
