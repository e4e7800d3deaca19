{#- dbt's own view, replaced in its place: one statement a night, and nothing that reads it is dropped with it. Only
    where its columns have changed is the old one dropped first, as dbt does every time. -#}
{% materialization view, adapter='postgres' %}
    {%- set existing = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- set target_relation = this.incorporate(type='view') -%}

    {%- if pre_hooks -%}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- endif -%}

    {%- if existing is not none and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {% call statement('main') -%}
        {{ replace_view(target_relation, (get_create_view_as_sql(target_relation, sql) | trim).rstrip(';')) }}
    {%- endcall %}

    {%- if config.get('grants') or config.get('persist_docs') -%}
        {%- do grant_and_document(existing, target_relation) -%}
    {%- endif -%}
    {%- if post_hooks -%}
        {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- endif -%}
    {{ adapter.commit() }}
    {%- if post_hooks -%}
        {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- endif -%}
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
