{#- Whether a day may lie in compulsory school age: null months of birth are not held against the child's register. -#}
{% macro may_be_compulsory_age(day, enrolments) -%}
    coalesce({{ day }} between {{ enrolments }}.compulsory_from and {{ enrolments }}.compulsory_until, true)
{%- endmacro %}

{#- First day of what thresholds across academic years look back on: a year before the night's academic year. -#}
{% macro look_back_start() -%}
    ({{ academic_year_start() }} - 365)
{%- endmacro %}
