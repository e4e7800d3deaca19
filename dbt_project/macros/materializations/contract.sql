{#- Whether a query gives the columns that the contract states, asked in one statement and compared at once. Where it
    does not, or the contract is unclear, dbt's own comparison says what is wrong: two macro calls for each column. -#}
{% macro postgres__get_assert_columns_equivalent(sql) -%}
    {%- set stated = [] -%}
    {%- for column in model.columns.values() if (column.data_type or 'numeric') | lower not in unclear_types() -%}
        {%- set name = adapter.quote(column.name) if column.get('quote') else column.name -%}
        {%- do stated.append('cast(null as ' ~ column.data_type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {%- if not stated or stated | length < model.columns | length -%}
        {{ return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
    {%- set question -%}
        {{ config.get('sql_header') or '' }}
        select * from (select {{ stated | join(', ') }}) as stated cross join ({{ sql }}
        ) as given where false limit 0
    {%- endset -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_column_schema_from_query(question) -%}
        {%- do columns.append(column.name ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {%- if columns[:stated | length] | sort != columns[stated | length:] | sort -%}
        {{ return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
{%- endmacro %}

{#- Types that a contract states without precision: dbt warns of them. -#}
{% macro unclear_types() -%}
    {{ return(['numeric', 'decimal', 'number']) }}
{%- endmacro %}
