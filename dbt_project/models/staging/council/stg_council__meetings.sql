-- One row per targeting support meeting and version.
select
    urn,
    meeting_date,
    term,
    attendees,
    next_due_date,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'meeting') }}
