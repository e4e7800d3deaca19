{#- How many sessions of a week a bit mask names. -#}
{% macro count_sessions(mask) -%}
    bit_count(({{ mask }})::bit(16))::smallint
{%- endmacro %}

{#- The sessions of a week from one of its days to another (0 is Monday), as a bit mask; none where they run backwards. -#}
{% macro days_of_week(first_day, last_day) -%}
    greatest((1 << (2 * ({{ last_day }} + 1))) - (1 << (2 * {{ first_day }})), 0)
{%- endmacro %}

{#- On how many days of a week a bit mask names a session. -#}
{% macro count_days(mask) -%}
    bit_count(((({{ mask }}) | (({{ mask }}) >> 1)) & 5461)::bit(16))::smallint
{%- endmacro %}
