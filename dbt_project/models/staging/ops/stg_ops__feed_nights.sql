-- One row per night and feed of the council.
select
    night,
    feed,
    status,
    reason_code,
    reason,
    extract_id,
    rows_in,
    rows_new,
    rows_changed,
    rows_removed,
    rows_unchanged,
    rows_quarantined,
    source_time as source_at
from {{ source('ops', 'feed_night') }}
