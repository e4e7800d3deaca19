{#- Where a valid unique index has these columns, or some of them, the server has proved it for every row without null:
    only the others are looked at then. -#}
{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where
    not (
        select
            coalesce(bool_or(
                (
                    select array_agg(keys.attname)
                    from pg_attribute as keys
                    where keys.attrelid = indexes.indrelid and keys.attnum = any(indexes.indkey)
                ) <@ array['{{ columns | join("', '") }}']::name []
            ), false)
        from pg_index as indexes
        where
            indexes.indrelid = '{{ model }}'::regclass
            and indexes.indisunique
            and indexes.indisvalid
            and indexes.indpred is null
            and indexes.indexprs is null
    )
    or num_nulls({{ columns | join(', ') }}) > 0
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
