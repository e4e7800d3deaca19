{#- Weekdays (Monday to Friday) strictly between two days. -#}
{% macro weekdays_between(earlier, later) -%}
    ({{ weekdays_until(later) }} - {{ weekdays_until('(' ~ earlier ~ ' + 1)') }})
{%- endmacro %}

{#- Weekdays before a day, counted from Monday 1 January 2001. -#}
{% macro weekdays_until(day) -%}
    (5 * (({{ day }} - date '2001-01-01') / 7) + least(({{ day }} - date '2001-01-01') % 7, 5))
{%- endmacro %}
