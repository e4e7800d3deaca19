{#- Where an incremental model of weeks reads its marks: the affected weeks by their index, or all of them in one scan. -#}
{% macro known_marks() -%}
    {%- if is_incremental() -%}
    from affected
    -- the offset keeps the planner to the index: some weeks of a year, never a scan of all its marks
    cross join lateral (
        select known.* from {{ ref('stg_register__marks') }} as known
        where
            known.enrolment_id = affected.enrolment_id
            and known.session_date between affected.week_start and affected.week_start + 6
        offset 0
    ) as marks
    {%- else -%}
    from {{ ref('stg_register__marks') }} as marks
    {%- endif -%}
{%- endmacro %}

{#- Where an incremental model of weeks reads another one: the affected weeks by their index, or all of it in one scan. -#}
{% macro known_weeks(relation, name) -%}
    {%- if is_incremental() -%}
    from affected
    cross join lateral (
        select known.* from {{ relation }} as known
        where known.enrolment_id = affected.enrolment_id and known.week_start = affected.week_start
        offset 0
    ) as {{ name }}
    {%- else -%}
    from {{ relation }} as {{ name }}
    {%- endif -%}
{%- endmacro %}
