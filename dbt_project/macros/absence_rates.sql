{#- The rates of an aggregate, all as shares of 0 to 1 that were never rounded. -#}
{% macro absence_rates() -%}
    {{ rate('sessions_absent', 'sessions_possible') }} as absence_rate,
    {{ rate('sessions_authorised', 'sessions_possible') }} as authorised_rate,
    {{ rate('sessions_unauthorised', 'sessions_possible') }} as unauthorised_rate,
    {{ rate('sessions_attended', 'sessions_possible') }} as attendance_rate,
    {{ rate('enrolments_persistently_absent', 'enrolments') }} as persistent_rate,
    {{ rate('enrolments_severely_absent', 'enrolments') }} as severe_rate,
    {{ rate('dfe_sessions_absent', 'dfe_sessions_possible') }} as dfe_absence_rate,
    {{ rate('dfe_enrolments_persistently_absent', 'dfe_enrolments') }} as dfe_persistent_rate,
    {{ rate('dfe_enrolments_severely_absent', 'dfe_enrolments') }} as dfe_severe_rate,
    {{ rate('sessions_known', 'sessions_expected') }} as coverage_rate
{%- endmacro %}
