{#- dbt's own view, replaced in its place: one statement a night, and nothing that reads it is dropped with it. Only where
    its columns have changed is the old one dropped first, as dbt does every time. -#}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {%- if existing is not none and not existing.is_view -%}
            {%- do adapter.cache_dropped(existing) -%}
            {{ get_drop_sql(existing) | trim }};
        {%- endif %}
        {{ replace_view(target_relation, (get_create_view_as_sql(target_relation, sql) | trim).rstrip(';')) }}
    {%- endcall %}

    {%- do grant_and_document(existing, target_relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A view as its statement creates it: in place where PostgreSQL can, from nothing where a column has gone, or has
    another name, type or place. -#}
{% macro replace_view(relation, create_sql) -%}
    {%- set quote = '$view_of_the_night$' -%}
    do {{ quote }}
    begin
        {{ create_sql | replace('create view', 'create or replace view', 1) }};
    exception when invalid_table_definition then
        drop view {{ relation }} cascade;
        {{ create_sql }};
    end
    {{ quote }}
{%- endmacro %}
