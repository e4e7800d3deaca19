{#- Every affected week is in the new rows, those left without any row of their own included: all are deleted, only the
    real ones come back, in the build's own transaction. `is_real` is the model's own condition. -#}
{% macro get_incremental_affected_weeks_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} as built
    using (
        select distinct
            enrolment_id,
            week_start
        from {{ arg_dict['temp_relation'] }}
    ) as affected
    where built.enrolment_id = affected.enrolment_id and built.week_start = affected.week_start;

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }} where {{ config.get('meta')['is_real'] }}
{%- endmacro %}
