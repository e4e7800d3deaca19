{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
    {%- set name = (custom_schema_name or target.schema) | trim -%}
    {#- the seeds are the same for every rebuild, so only what is built goes aside -#}
    {{ name if name == 'reference' else name ~ var('schema_suffix') }}
{%- endmacro %}
