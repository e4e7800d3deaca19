{#- A sum over the sessions of DfE's cohort, the last half term at fifteen left out; nought where there is none. -#}
{% macro dfe_sum(measure) -%}
    coalesce(
        sum(half_terms.{{ measure }}) filter (where half_terms.is_dfe_cohort and not half_terms.is_study_leave), 0
    )::integer as dfe_{{ measure }}
{%- endmacro %}
