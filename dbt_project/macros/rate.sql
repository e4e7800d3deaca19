{#- A share of 0 to 1, never rounded; null where nothing could be counted. -#}
{% macro rate(numerator, denominator) -%}
    {{ numerator }}::numeric / nullif({{ denominator }}, 0)
{%- endmacro %}
