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

{#- The flags and the rate that follow from a row's own totals. -#}
{% macro absence_flags() -%}
    {{ rate('sessions_absent', 'sessions_possible') }} as absence_rate,
    {{ is_persistently_absent('sessions_absent', 'sessions_possible') }} as is_persistently_absent,
    {{ is_severely_absent('sessions_absent', 'sessions_possible') }} as is_severely_absent,
    {{ absence_band('sessions_absent', 'sessions_possible') }} as absence_band
{%- endmacro %}
