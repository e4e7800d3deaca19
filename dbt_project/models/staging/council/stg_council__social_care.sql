-- One row per stay of a child on one social-care status and version.
select
    council_child_id,
    status,
    start_date,
    end_date,
    responsible_la,
    home_la,
    social_worker,
    team,
    next_meeting_date,
    last_contact_date,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'social_care') }}
