-- One row per enrolment and session whose known mark is not ordinary presence (/ in the morning, \ after noon).
-- A tenth of all marks: whatever asks for single sessions (codes, spells, thresholds) reads it and never the register.
-- depends_on: {{ ref('stg_register__touched_weeks') }}
{{ config(
    sql_header="set local work_mem = '256MB'; set local max_parallel_workers_per_gather = 2;"
    ~ " set local parallel_setup_cost = 0;"
) }}
{%- set as_at = "date '" ~ var('as_at') ~ "'" %}

with enrolments as (
    select enrolment_id from {{ ref('int_enrolments_current') }}
),

codes as (
    select code from {{ ref('attendance_codes') }}
),

build as (
    select coalesce(max(extract_id), 0) as extract_id from {{ ref('stg_register__extracts') }}
    where known_at <= {{ known_at() }}
),

{% if is_incremental() -%}
    {{ affected_weeks(as_at) }}
{%- endif %}

marks as (
    select
        marks.enrolment_id,
        marks.code,
        marks.half,
        marks.session_date
    {{ known_marks() }}
    where
        marks.session_date <= {{ as_at }}
        and marks.code <> case marks.half when 1 then '/' else '\' end
        and {{ as_known('marks') }}
),

exceptional as (
    select
        marks.enrolment_id,
        {{ week_start('marks.session_date') }} as week_start,
        marks.session_date,
        marks.half,
        codes.code
    from marks
    inner join codes on marks.code = codes.code
    {% if is_incremental() -%}
        union all
        -- a place for each affected week, so that the ones without a row lose theirs too
        select
            affected.enrolment_id,
            affected.week_start,
            affected.week_start as session_date,
            0::smallint as half,
            '' as code
        from affected
    {%- endif %}
)

select
    exceptional.enrolment_id,
    exceptional.week_start,
    exceptional.session_date,
    exceptional.half,
    exceptional.code,
    {{ as_at }} as built_as_at,
    build.extract_id as built_extract_id
from exceptional
cross join build
