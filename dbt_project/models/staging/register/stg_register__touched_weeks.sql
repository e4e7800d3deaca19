-- One row per load, enrolment and week whose marks or span that load changed.
select
    extract_id,
    enrolment_id,
    week_start
from {{ source('register', 'touched_week') }}
