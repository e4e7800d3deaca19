{#- Inclusive and in whole numbers: 38 of 380 counts, and rounding never decides. -#}
{% macro is_persistently_absent(absent, possible) -%}
    ({{ possible }} > 0 and 100 * {{ absent }} >= {{ var('persistent_absence_pct') }} * {{ possible }})
{%- endmacro %}

{% macro is_severely_absent(absent, possible) -%}
    ({{ possible }} > 0 and 100 * {{ absent }} >= {{ var('severe_absence_pct') }} * {{ possible }})
{%- endmacro %}

{% macro absence_band(absent, possible) -%}
    case
        when {{ possible }} = 0 then 'none possible'
        when {{ is_severely_absent(absent, possible) }} then 'severe'
        when {{ is_persistently_absent(absent, possible) }} then 'persistent'
        else 'below {{ var('persistent_absence_pct') }} %'
    end
{%- endmacro %}
