{#- A seed of ours: loaded where its file or its column types are not those that the table was made of. The table says so
in its comment, written in the transaction that fills it; a changed list of columns is a new table, and no error. -#}
{% materialization seed, adapter='postgres' %}
    {%- set existing = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set made_of = 'made of ' ~ local_md5(model.checksum.checksum ~ tojson(config.get('column_types', {}), sort_keys=True)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('said', fetch_result=True) -%}
        select obj_description(to_regclass('{{ target }}'), 'pg_class')
    {%- endcall %}
    {%- set said = load_result('said').table -%}
    {% if said.rows[0][0] == made_of and not should_full_refresh() %}
        {% do store_result('agate_table', response='OK', agate_table=said) %}
        {% call noop_statement('main', 'AS IT WAS', 'AS IT WAS', 0) %}{% endcall %}
    {% else %}
        {%- set rows = load_agate_table() -%}
        {% do store_result('agate_table', response='OK', agate_table=rows) %}
        {% if existing is not none %}{% do run_query(drop_existing(existing)) %}{% endif %}
        {% set created = create_csv_table(model, rows) %}
        {% set filled = load_csv_rows(model, rows) if rows.rows | length > 0 else '' %}
        {% do run_query("comment on table " ~ target ~ " is '" ~ made_of ~ "'") %}
        {% call noop_statement('main', 'INSERT ' ~ rows.rows | length, 'INSERT', rows.rows | length) %}
            {{ get_csv_sql(created, filled) }};
        {% endcall %}
        {% do create_indexes(target) %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
