-- One row per action agreed at a targeting support meeting and version.
select
    council_child_id,
    reference,
    urn,
    meeting_date,
    action,
    owner_role,
    due_date,
    done_date,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'meeting_action') }}
