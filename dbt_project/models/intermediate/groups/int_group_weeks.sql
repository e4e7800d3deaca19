-- One row per phase, or the whole city, group of children of one dimension and week: its sessions.
-- First by the groups that a child is in together, which are few, then by each dimension. Look-ups by key are off: the
-- planner takes the spans for few and would look up the weeks of each enrolment alone.
{{ config(sql_header="set local work_mem = '256MB'; set local enable_nestloop = off;") }}
{%- set sums = [
    'sessions_expected', 'sessions_unknown', 'sessions_possible', 'sessions_absent', 'sessions_authorised',
    'sessions_unauthorised'
] %}
{%- set facets = weekly_dimensions() %}
with spans as materialized (
    select
        child_groups.enrolment_id,
        {% for facet in facets -%}
            {% for name, column in facet -%}
                child_groups.{{ column }},
            {% endfor -%}
            dense_rank() over (
                order by {% for name, column in facet %}child_groups.{{ column }}, {% endfor %}enrolments.dfe_phase
            )::integer as facet_{{ loop.index }},
        {% endfor -%}
        child_groups.first_week,
        child_groups.end_week,
        enrolments.dfe_phase
    from {{ ref('int_enrolment_groups') }} as child_groups
    inner join {{ ref('int_enrolments_current') }} as enrolments on child_groups.enrolment_id = enrolments.enrolment_id
),

weeks as materialized (
    select
        weeks.week_start,
        {% for facet in facets -%}
            spans.facet_{{ loop.index }},
        {% endfor -%}
        {% for sum in sums -%}
            sum(weeks.{{ sum }}) as {{ sum }},
        {% endfor -%}
        count(*) filter (where weeks.sessions_possible > 0) as enrolments
    from {{ ref('int_enrolment_weeks') }} as weeks
    inner join spans
        on
            weeks.enrolment_id = spans.enrolment_id
            and weeks.week_start >= spans.first_week
            and weeks.week_start < spans.end_week
    group by
        weeks.week_start, grouping sets (
            {% for facet in facets -%}
                (spans.facet_{{ loop.index }}){{ ',' if not loop.last }}
            {% endfor %}
        )
),

grouped as (
    {% for facet in facets -%}
        {%- set is_first = loop.first -%}
        select
            coalesce(named.dfe_phase, 'City') as area,
            case
                {% for name, column in facet -%}
                    when grouping(named.{{ column }}) = 0 then '{{ name }}'
                {% endfor -%}
                else 'all'
            end as dimension,
            coalesce(
                {% for name, column in facet -%}
                    named.{{ column }},
                {% endfor -%}
                'all children'
            ) as group_name,
            {% for sum in sums + ['enrolments'] -%}
                sum(weeks.{{ sum }})::integer as {{ sum }},
            {% endfor -%}
            weeks.week_start
        from weeks
        inner join (
            select distinct
                facet_{{ loop.index }},
                {% for name, column in facet -%}
                    {{ column }},
                {% endfor -%}
                dfe_phase
            from spans
        ) as named on weeks.facet_{{ loop.index }} = named.facet_{{ loop.index }}
        group by
            weeks.week_start, grouping sets ((named.dfe_phase), ()), grouping sets (
                {% for name, column in facet -%}
                    (named.{{ column }}){{ ',' if not loop.last or is_first }}
                {% endfor -%}
                {{ '()' if is_first }}
            )
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    grouped.area,
    grouped.dimension,
    grouped.group_name,
    week_periods.academic_year,
    grouped.week_start,
    {% for sum in sums -%}
        grouped.{{ sum }},
    {% endfor -%}
    grouped.enrolments
from grouped
inner join {{ ref('int_week_periods') }} as week_periods on grouped.week_start = week_periods.week_start
