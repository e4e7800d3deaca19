-- One row per enrolment, session and version of its mark.
select
    enrolment_id,
    extract_id,
    code,
    raw_code,
    half,
    minutes_late,
    is_current,
    session_date,
    known_from,
    known_to
from {{ source('register', 'mark') }}
