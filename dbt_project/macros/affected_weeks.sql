{#- The CTEs of an incremental build of weeks: what was built before, and the enrolment weeks to build anew. -#}
{% macro affected_weeks(as_at) -%}
built as (
    select
        coalesce(max(built_as_at), {{ as_at }}) as as_at,
        coalesce(max(built_extract_id), 0) as extract_id
    from {{ this }}
),

-- what loads changed since the last build, and every week between the last night built and this one
affected as materialized (
    select
        touched_weeks.enrolment_id,
        touched_weeks.week_start
    from {{ ref('stg_register__touched_weeks') }} as touched_weeks
    inner join built on touched_weeks.extract_id > built.extract_id
    union
    select
        enrolments.enrolment_id,
        weeks.week_start::date
    from enrolments
    cross join built
    cross join generate_series(
        {{ week_start('least(built.as_at, ' ~ as_at ~ ')') }},
        greatest(built.as_at, {{ as_at }}),
        interval '7 days'
    ) as weeks (week_start)
),
{%- endmacro %}
