-- One row per delivery of a feed in the ledger.
select
    extract_id,
    feed,
    mode,
    verdict,
    rows_in,
    rows_new,
    rows_changed,
    rows_removed,
    rows_unchanged,
    rows_quarantined,
    night,
    source_time as source_at,
    known_at
from {{ source('council', 'feed_extract') }}
