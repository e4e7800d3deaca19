-- One row per attendance code, with what one mark of it adds to the counters of a week.
-- Seven counters of four bits each: a week has fourteen sessions, so they never overflow, and one sum fills them all.
select
    code,
    is_reason_pending,
    coalesce(valid_from, '-infinity') as in_use_from,
    coalesce(valid_to, 'infinity') as in_use_to,
    is_attending::integer
    + (coalesce(authorisation = 'authorised', false)::integer << 4)
    + (coalesce(authorisation = 'unauthorised', false)::integer << 8)
    + (is_late_before_close::integer << 12)
    + (is_late_after_close::integer << 16)
    + (is_part_time_timetable::integer << 20)
    + ((not is_possible)::integer << 24) as counters
from {{ ref('attendance_codes') }}
