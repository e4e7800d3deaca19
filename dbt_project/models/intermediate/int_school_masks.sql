-- One row per school, week and pair of due and known sessions: how many enrolments have exactly that week.
{{ config(sql_header="set local work_mem = '64MB';") }}
select
    enrolments.urn,
    enrolment_weeks.week_start,
    enrolment_weeks.due_sessions,
    enrolment_weeks.known_sessions,
    count(*)::integer as enrolments
from {{ ref('int_enrolment_weeks') }} as enrolment_weeks
inner join {{ ref('int_enrolments_current') }} as enrolments
    on enrolment_weeks.enrolment_id = enrolments.enrolment_id
group by 1, 2, 3, 4
