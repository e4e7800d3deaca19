{#- The measures that every absence mart sums, in this order. -#}
{% macro session_measures() -%}
    {{ return([
        'sessions_expected', 'sessions_possible', 'sessions_attended', 'sessions_absent', 'sessions_authorised',
        'sessions_unauthorised', 'sessions_late_before', 'sessions_late_after', 'sessions_part_time',
        'sessions_not_possible', 'sessions_unknown',
    ]) }}
{%- endmacro %}

{% macro sum_session_measures(relation) -%}
    {%- for measure in session_measures() %}
    sum({{ relation }}.{{ measure }})::integer as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
