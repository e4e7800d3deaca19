-- One row per spell of elective home education and version.
select
    council_child_id,
    notified_date,
    start_date,
    end_date,
    suitability,
    assessed_date,
    last_school_urn,
    extract_id,
    is_current,
    known_from,
    known_to
from {{ source('council', 'home_education') }}
