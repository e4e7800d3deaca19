-- Claim:   a code is possible exactly if it attends or is absent, and has an authorisation exactly if it is absent.
-- Matters: before any rate; the identities of every mart rest on this one list.
-- Remedy:  correct the flags of the code in seeds/attendance_codes.csv.
select code
from {{ ref('attendance_codes') }}
where
    is_possible <> (is_attending or is_absence)
    or (is_attending and is_absence)
    or is_absence <> (authorisation is not null)
    or authorisation not in ('authorised', 'unauthorised')
    or (is_late_before_close and not is_attending)
    or ((is_late_after_close or is_part_time_timetable or is_reason_pending) and not is_absence)
    or valid_from > valid_to
