-- One row per school and declared session, with its ordinal: "consecutive" is a difference of one.
select
    urn,
    session_no,
    academic_year,
    case half when 1 then 'AM' else 'PM' end as session,
    {{ week_start('session_date') }} as week_start,
    session_date
from {{ ref('stg_city__school_sessions') }}
