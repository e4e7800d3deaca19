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

{#- The single dimensions that are counted by week, as a list of lists of (name, column): those of one facet together. -#}
{% macro weekly_dimensions() -%}
    {%- set question -%}
        select weekly.facet, weekly.dimension, dimensions.first_group
        from {{ ref('weekly_dimensions') }} as weekly
        inner join {{ ref('group_dimensions') }} as dimensions on weekly.dimension = dimensions.dimension
        order by weekly.facet, weekly.dimension
    {%- endset -%}
    {%- set facets = {} -%}
    {%- for facet, name, column in (run_query(question).rows if execute else [('child', 'sex', 'sex')]) -%}
        {%- do facets.setdefault(facet, []).append((name, column)) -%}
    {%- endfor -%}
    {{ return(facets.values() | list) }}
{%- endmacro %}
