-- One row per part-time timetable or granted leave of absence and version.
select
    council_child_id,
    urn,
    plan,
    start_date,
    expected_end_date,
    actual_end_date,
    weekly_sessions,
    review_date,
    is_parent_agreed,
    reason,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'plan') }}
