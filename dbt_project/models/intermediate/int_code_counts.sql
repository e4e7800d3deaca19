-- One row per school and code: sessions of the academic year to date, as known.
-- One parallel scan of the year's marks; earlier years are never read.
{{ config(sql_header="set local work_mem = '64MB'; set local parallel_setup_cost = 0;") }}
{%- set year_first_day = "(select max(years.first_day) from " ~ ref('stg_city__periods')
    ~ " as years where years.period_type = 'year' and years.first_day <= date '" ~ var('as_at') ~ "')" %}
with enrolments as (
    select * from {{ ref('int_enrolments_current') }}
),

marks_of_enrolments as (
    select marks.enrolment_id, marks.code, count(*) as sessions
    from {{ ref('stg_register__marks') }} as marks
    where marks.session_date between {{ year_first_day }} and date '{{ var("as_at") }}'
        and {{ as_known('marks') }}
    group by 1, 2
)

select
    enrolments.urn,
    enrolments.dfe_phase,
    marks_of_enrolments.code,
    sum(marks_of_enrolments.sessions)::integer as sessions
from marks_of_enrolments
inner join enrolments on marks_of_enrolments.enrolment_id = enrolments.enrolment_id
group by 1, 2, 3
