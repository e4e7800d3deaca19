{#- The Monday of a date's week, by whole days only: date_trunc costs seconds over a year of marks. -#}
{% macro week_start(day) -%}
    ({{ day }} - ({{ day }} - date '2001-01-01') % 7)
{%- endmacro %}

{#- Bit of one session in its week: Monday AM is bit 0, Sunday PM bit 13. -#}
{% macro session_bit(day, half) -%}
    (1 << (2 * (({{ day }} - date '2001-01-01') % 7) + {{ half }} - 1))
{%- endmacro %}
