{#- dbt's own table, in fewer statements and without a macro context of its own for each: built aside only where there is
    something to keep readers of until it is ready, then swapped, indexed and measured in one go, all in one transaction.
    Contract, sql_header, unlogged, indexes, hooks, grants and persist_docs mean what they mean in dbt's own. -#}
{% materialization table, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set built = target_relation if existing is none else make_intermediate_relation(target_relation) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, built, sql) }}
    {%- endcall %}

    {%- set finish = swap_in(existing, built, target_relation) -%}
    {%- for index in config.get('indexes', default=[]) -%}
        {%- do finish.append(get_create_index_sql(target_relation, index)) -%}
    {%- endfor -%}
    {%- for hook in post_hooks if hook.transaction -%}
        {%- do finish.append(render(hook.sql) | trim) -%}
    {%- endfor -%}
    {%- set finish = finish | select | join(';\n') -%}
    {%- if finish -%}
        {%- call statement() -%}{{ finish }}{%- endcall -%}
    {%- endif -%}

    {%- do grant_and_document(existing, target_relation) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- The statements that put what was built aside in the place of what was there; what depends on the old one goes with
    it, as in dbt's own. -#}
{% macro swap_in(existing, built, target_relation) -%}
    {%- if existing is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- do adapter.cache_dropped(existing) -%}
    {{ return([
        get_drop_sql(existing) | trim,
        'alter table ' ~ built ~ ' rename to ' ~ adapter.quote(target_relation.identifier),
    ]) }}
{%- endmacro %}

{#- Grants and persisted docs, where the model is configured with any. -#}
{% macro grant_and_document(existing, target_relation) -%}
    {%- set grants = config.get('grants') -%}
    {%- if grants -%}
        {%- do apply_grants(target_relation, grants, should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
    {%- endif -%}
    {%- if config.get('persist_docs') -%}
        {%- do persist_docs(target_relation, model) -%}
    {%- endif -%}
{%- endmacro %}
