{#- dbt's own seed, loaded only where the table does not hold it already: its comment tells which file was loaded, with
    which types, and the digest of the columns and rows that it left there. What is loaded is made anew, so that a file
    with other columns is no error. A full refresh loads every seed. -#}
{% materialization seed, adapter='postgres' %}
    {%- set existing = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do exceptions.raise_compiler_error("Cannot seed to '" ~ existing.render() ~ "', it is no table") -%}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and not should_full_refresh() and holds_seed(target_relation) -%}
        {%- do store_result('agate_table', response='OK') -%}
        {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) -%}{%- endcall -%}
    {%- else -%}
        {%- set agate_table = load_agate_table() -%}
        {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
        {%- if existing is none -%}
            {%- set emptied = create_csv_table(model, agate_table) -%}
        {%- else -%}
            {%- set emptied = reset_csv_table(model, True, existing, agate_table) -%}
        {%- endif -%}
        {%- set count = agate_table.rows | length -%}
        {%- set filled = load_csv_rows(model, agate_table) if count > 0 else '' -%}
        {%- call noop_statement('main', 'INSERT ' ~ count, 'INSERT', count) -%}
            {{ get_csv_sql(emptied, filled) }};
        {%- endcall -%}
        {%- call statement() -%}{{ note_seed(target_relation) }}{%- endcall -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}

    {%- if config.get('grants') or config.get('persist_docs') -%}
        {%- do grant_and_document(existing, target_relation) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- What a seed is loaded from: its file's checksum and all of its configuration that its columns follow from. -#}
{% macro seed_source() -%}
    {{ local_md5(tojson([
        model.checksum.checksum, model.config.column_types, model.config.quote_columns, model.config.delimiter
    ])) }}
{%- endmacro %}

{#- The digest of what a table holds: its columns with their types, and its rows in whatever order. -#}
{% macro seed_digest(relation) -%}
    (
        select md5(string_agg(parts.part, chr(10) order by parts.part))
        from (
            select concat_ws(' ', attnum, attname, format_type(atttypid, atttypmod)) as part
            from pg_attribute where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
            union all
            select held::text from {{ relation }} as held
        ) as parts
    )
{%- endmacro %}

{#- Whether a table still holds what this seed would load into it. -#}
{% macro holds_seed(relation) -%}
    {%- call statement('held', fetch_result=True) -%}
        select obj_description('{{ relation }}'::regclass, 'pg_class')
            is not distinct from 'seed {{ seed_source() }} ' || {{ seed_digest(relation) }}
    {%- endcall -%}
    {{ return(load_result('held').data[0][0]) }}
{%- endmacro %}

{#- Keep in a table's comment which seed was loaded, and the digest of what it holds now. -#}
{% macro note_seed(relation) -%}
    do $$ begin
        execute format(
            'comment on table {{ relation }} is %L', 'seed {{ seed_source() }} ' || {{ seed_digest(relation) }}
        );
    end $$
{%- endmacro %}
