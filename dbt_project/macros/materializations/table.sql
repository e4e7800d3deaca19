{#- dbt's own table, in fewer statements and macro calls, each of which costs dbt more than the server: built aside only
    where an older one stands, then swapped, indexed and measured in one go, all in one transaction. Contract, header,
    unlogged, indexes, hooks, grants and persist_docs mean what they mean in dbt's own. -#}
{% materialization table, adapter='postgres' %}
    {%- set existing = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set built = target_relation if existing is none else make_intermediate_relation(target_relation) -%}

    {%- if pre_hooks -%}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- endif -%}

    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, built, sql) }}
    {%- endcall %}

    {%- set finish = [] -%}
    {%- if existing is not none -%}
        {#- what depends on the old one goes with it, as in dbt's own -#}
        {%- do adapter.cache_dropped(existing) -%}
        {%- do finish.append('drop ' ~ existing.type.replace('_', ' ') ~ ' if exists ' ~ existing ~ ' cascade') -%}
        {%- do finish.append('alter table ' ~ built ~ ' rename to ' ~ adapter.quote(target_relation.identifier)) -%}
    {%- endif -%}
    {%- for index in config.get('indexes', default=[]) -%}
        {%- do finish.append(get_create_index_sql(target_relation, index)) -%}
    {%- endfor -%}
    {%- for hook in post_hooks if hook.transaction -%}
        {%- do finish.append(render(hook.sql)) -%}
    {%- endfor -%}
    {%- set finish = finish | map('trim') | select | join(';\n') -%}
    {%- if finish -%}
        {%- do adapter.execute(finish, auto_begin=True) -%}
    {%- endif -%}

    {%- if config.get('grants') or config.get('persist_docs') -%}
        {%- do grant_and_document(existing, target_relation) -%}
    {%- endif -%}
    {{ adapter.commit() }}
    {%- if post_hooks | rejectattr('transaction') | list -%}
        {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- endif -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Grants and persisted docs, as a model is configured with them. -#}
{% macro grant_and_document(existing, target_relation) -%}
    {%- set should_revoke = should_revoke(existing, full_refresh_mode=True) -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke) -%}
    {%- do persist_docs(target_relation, model) -%}
{%- endmacro %}
