{#- First day of the night's academic year, asked when the model is compiled: as a constant it keeps the planner from
    reading the partitions of other years. -#}
{% macro academic_year_start() -%}
    {%- set question -%}
        select max(first_day)::text from {{ ref('stg_city__periods') }}
        where period_type = 'year' and first_day <= date '{{ var("as_at") }}'
    {%- endset -%}
    {%- set answer = run_query(question).columns[0].values()[0] if execute else none -%}
    date '{{ answer or var("as_at") }}'
{%- endmacro %}
