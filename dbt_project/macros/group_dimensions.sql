{#- The dimensions that absence is counted by, as (name, first column, second column or empty): read from their seed when
    models are compiled, so that a new cross is a row and no code. -#}
{% macro group_dimensions(crosses) -%}
    {%- set question -%}
        select dimension, first_group, coalesce(second_group, '') as second_group
        from {{ ref('group_dimensions') }}
        where is_cross = {{ crosses }}
        order by dimension
    {%- endset -%}
    {{ return(run_query(question).rows if execute else [('sex', 'sex', 'sex')]) }}
{%- endmacro %}
