{#- A stated yes or no as a group that a person can read; what nobody stated is a group of its own. -#}
{% macro yes_no(column, words) -%}
    case {{ column }} when 'Y' then '{{ words }}' when 'N' then 'not {{ words }}' else 'not known' end
{%- endmacro %}
