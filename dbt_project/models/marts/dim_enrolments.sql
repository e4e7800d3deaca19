-- One row per enrolment as known.
select
    enrolment_id,
    person_id,
    urn,
    destination_urn,
    dfe_phase,
    enrolment_status,
    nc_year,
    registration_group,
    leaving_reason,
    removal_ground,
    is_boarder,
    is_on_roll,
    is_dfe_statistics_school,
    entry_date,
    leaving_date
from {{ ref('int_enrolments_current') }}
