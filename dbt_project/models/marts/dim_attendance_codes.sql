-- One row per attendance code; a withdrawn code keeps the class that it had.
select
    code,
    name as code_name,
    category,
    authorisation,
    source,
    is_attending,
    is_possible,
    is_absence,
    is_late_before_close,
    is_late_after_close,
    is_part_time_timetable,
    is_reason_pending,
    is_whole_school_closure,
    counts_for_penalty,
    counts_for_10_day_return,
    counts_for_deletion_20_day,
    counts_for_sickness_return,
    valid_from,
    valid_to
from {{ ref('attendance_codes') }}
