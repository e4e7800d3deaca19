-- One row per mask of a week's sessions: which weekdays it names and how many mornings and afternoons, packed in one
-- number (Monday to Friday eight bits each, mornings and afternoons ten), so that a year is one sum.
with masks as (
    select generate_series(0, 16383) as mask
)

select
    mask::smallint as mask,
    (
        {% for day in range(5) -%}
            (((mask >> {{ 2 * day }}) & 3 > 0)::integer::bigint << {{ 8 * day }})
            +
        {% endfor -%}
        ({{ count_sessions("mask & 341") }}::bigint << 40)
        + ({{ count_sessions("mask & 682") }}::bigint << 50)
    ) as packed
from masks
