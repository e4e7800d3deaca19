{#- After a build: take the table's statistics, and keep autovacuum from taking them again. A table that is rebuilt every
night is dropped before a vacuum could help; a published one is still vacuumed, for scans of an index alone. -#}
{% macro measure_built() %}
    {% if model.config.materialized == 'table' %}
        alter table {{ this }} set (
            {% if model.config.get('unlogged') %} autovacuum_enabled = false
            {% else %} autovacuum_analyze_threshold = 2147483647
            {% endif %}
        );
    {% endif %}
    analyze {{ this }}
{% endmacro %}
