{#- Enrolments with a possible session, and how many of them are persistently or severely absent: all, and DfE's. -#}
{% macro count_enrolments() -%}
    count(*) filter (where sessions_possible > 0)::integer as enrolments,
    count(*) filter (where {{ is_persistently_absent('sessions_absent', 'sessions_possible') }})::integer
        as enrolments_persistently_absent,
    count(*) filter (where {{ is_severely_absent('sessions_absent', 'sessions_possible') }})::integer
        as enrolments_severely_absent,
    count(*) filter (where dfe_sessions_possible > 0)::integer as dfe_enrolments,
    count(*) filter (where {{ is_persistently_absent('dfe_sessions_absent', 'dfe_sessions_possible') }})::integer
        as dfe_enrolments_persistently_absent,
    count(*) filter (where {{ is_severely_absent('dfe_sessions_absent', 'dfe_sessions_possible') }})::integer
        as dfe_enrolments_severely_absent,
    sum(dfe_sessions_possible)::integer as dfe_sessions_possible,
    sum(dfe_sessions_absent)::integer as dfe_sessions_absent
{%- endmacro %}
