-- One row per school and declared session.
select
    urn,
    academic_year,
    half,
    session_no,
    session_date
from {{ source('city', 'school_session') }}
