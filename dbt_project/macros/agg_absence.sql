{#- Sum schools up to the whole city, or to one level of it (a list of columns), and count children beside enrolments. -#}
{% macro agg_absence(level) -%}
{%- set keys = level + ['academic_year', 'period_type', 'period_name'] -%}
{%- set counts = [
    'sessions_known', 'enrolments', 'enrolments_persistently_absent', 'enrolments_severely_absent', 'dfe_enrolments',
    'dfe_enrolments_persistently_absent', 'dfe_enrolments_severely_absent', 'dfe_sessions_possible',
    'dfe_sessions_absent'
] -%}
with school_periods as (
    select * from {{ ref('int_school_periods') }}
),

schools_summed as (
    select
        {{ keys | join(', ') }},
        min(first_week) as first_week,
        {% for measure in session_measures() + counts -%}
        sum({{ measure }})::integer as {{ measure }},
        {% endfor -%}
        count(*) filter (where is_in and is_expected)::integer as schools_in,
        count(*) filter (where is_expected)::integer as schools_expected,
        count(*) filter (where is_settled)::integer as schools_settled,
        max(last_school_day) as last_school_day
    from school_periods
    group by {{ keys | join(', ') }}
),

{% if level -%}
-- a child is counted once in each place of the level where it was enrolled
level_children as (
    select
        {{ keys | join(', ') }},
        sum(sessions_possible) as sessions_possible,
        sum(sessions_absent) as sessions_absent
    from {{ ref('int_enrolment_periods') }}
    group by person_id, {{ keys | join(', ') }}
),

{% endif -%}
children as (
    select
        {{ keys | join(', ') }},
        count(*) filter (where sessions_possible > 0)::integer as children,
        count(*) filter (where {{ is_persistently_absent('sessions_absent', 'sessions_possible') }})::integer
            as children_persistently_absent,
        count(*) filter (where {{ is_severely_absent('sessions_absent', 'sessions_possible') }})::integer
            as children_severely_absent
    from {{ 'level_children' if level else ref('int_child_periods') }}
    group by {{ keys | join(', ') }}
)

select
    {% for key in keys -%}
    schools_summed.{{ key }},
    {% endfor -%}
    schools_summed.first_week,
    {% for measure in session_measures() + counts -%}
    schools_summed.{{ measure }},
    {% endfor -%}
    children.children,
    children.children_persistently_absent,
    children.children_severely_absent,
    schools_summed.schools_in,
    schools_summed.schools_expected,
    schools_summed.schools_settled,
    {{ absence_rates() }},
    {{ rate('children_persistently_absent', 'children') }} as children_persistent_rate,
    {{ rate('children_severely_absent', 'children') }} as children_severe_rate,
    schools_summed.last_school_day
from schools_summed
left join children
    on {% for key in keys -%}
    schools_summed.{{ key }} {{ 'is not distinct from' if key in level else '=' }} children.{{ key }}
    {{- ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
