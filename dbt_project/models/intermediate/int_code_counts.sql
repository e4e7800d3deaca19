-- One row per school and code: sessions of the academic year to date, as known.
-- One parallel scan of the year's marks; earlier years are never read.
{{ config(sql_header="set local work_mem = '64MB'; set local parallel_setup_cost = 0;") }}
with marks_of_enrolments as (
    select
        marks.enrolment_id,
        marks.code,
        count(*) as sessions,
        count(*) filter (
            where marks.session_date < codes.valid_from or marks.session_date > codes.valid_to
        ) as sessions_withdrawn
    from {{ ref('stg_register__marks') }} as marks
    inner join {{ ref('attendance_codes') }} as codes on marks.code = codes.code
    where marks.session_date between {{ academic_year_start() }} and date '{{ var("as_at") }}'
        and {{ as_known('marks') }}
    group by 1, 2
)

select
    enrolments.urn,
    enrolments.dfe_phase,
    marks_of_enrolments.code,
    sum(marks_of_enrolments.sessions)::integer as sessions,
    sum(marks_of_enrolments.sessions_withdrawn)::integer as sessions_withdrawn
from marks_of_enrolments
inner join {{ ref('int_enrolments_current') }} as enrolments
    on marks_of_enrolments.enrolment_id = enrolments.enrolment_id
group by 1, 2, 3
