{#- The flags, bands and the rate that follow from a row's own totals; the same again as if part-time sessions were none. -#}
{% macro absence_flags() -%}
    {%- set without_part_time = '(sessions_absent - sessions_part_time)' -%}
    {{ rate('sessions_absent', 'sessions_possible') }} as absence_rate,
    {{ is_persistently_absent('sessions_absent', 'sessions_possible') }} as is_persistently_absent,
    {{ is_severely_absent('sessions_absent', 'sessions_possible') }} as is_severely_absent,
    {{ is_persistently_absent(without_part_time, 'sessions_possible') }} as is_persistently_absent_without_part_time,
    {{ is_severely_absent(without_part_time, 'sessions_possible') }} as is_severely_absent_without_part_time,
    {{ absence_band('sessions_absent', 'sessions_possible') }} as absence_band,
    {{ five_point_band('sessions_absent', 'sessions_possible') }} as five_point_band
{%- endmacro %}

{#- DfE's bands of five points, by their lower bound, which is inside; wholly absent is a band of its own (100), and the
    last but one ends at 99 %: 95. Null where nothing was possible. -#}
{% macro five_point_band(absent, possible) -%}
    case when {{ possible }} > 0 then 5 * (20 * {{ absent }} / {{ possible }}) end
{%- endmacro %}
