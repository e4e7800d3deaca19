{% macro as_known(relation) -%}
    {{ relation }}.known_from <= {{ known_at() }} and {{ relation }}.known_to > {{ known_at() }}
{%- endmacro %}

{#- A constant, so that the planner sees it: a version that is open at infinity counts as known there too. -#}
{% macro known_at() -%}
    {%- if var('known_at') == 'infinity' -%}
        timestamp with time zone '9999-12-31 00:00:00+00'
    {%- else -%}
        timestamp with time zone '{{ var('known_at') }}'
    {%- endif -%}
{%- endmacro %}
