-- Claim:   expected = possible + not possible + unknown; possible = attended + absent;
--          absent = authorised + unauthorised.
-- Matters: for every rate; a session is counted in exactly one place.
-- Remedy:  look for a mark outside the list of codes, or a mask that does not agree with the counters.
select
    enrolment_id,
    academic_year,
    period_name
from {{ ref('fct_enrolment_absence') }}
where
    sessions_expected <> sessions_possible + sessions_not_possible + sessions_unknown
    or sessions_possible <> sessions_attended + sessions_absent
    or sessions_absent <> sessions_authorised + sessions_unauthorised
    or sessions_late_before > sessions_attended
    or sessions_late_after > sessions_unauthorised
    or sessions_part_time > sessions_authorised
