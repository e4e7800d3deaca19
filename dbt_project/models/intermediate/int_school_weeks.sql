-- One row per school and week: the sum of its enrolments' weeks.
{{ config(sql_header="set local work_mem = '64MB';") }}
select
    enrolments.urn,
    enrolment_weeks.week_start,
    count(*) filter (where enrolment_weeks.sessions_possible > 0)::integer as enrolments,
    sum(enrolment_weeks.sessions_unmapped)::integer as sessions_unmapped,
    {{ sum_session_measures('enrolment_weeks') }}
from {{ ref('int_enrolment_weeks') }} as enrolment_weeks
inner join {{ ref('int_enrolments_current') }} as enrolments
    on enrolment_weeks.enrolment_id = enrolments.enrolment_id
group by 1, 2
