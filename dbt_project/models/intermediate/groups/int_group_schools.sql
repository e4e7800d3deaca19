-- One row per school, group of children (of one dimension, or a cross of two in the year only) and year or term.
-- A session counts in the group of its own week; an enrolment in the group of its last week in the period, as one.
-- Sorting is off: grouping sets are hashed in one pass, where the planner would sort the rows once for each.
{{ config(sql_header="set local work_mem = '256MB'; set local enable_sort = off;") }}
{%- set sums = [
    'sessions_expected', 'sessions_unknown', 'sessions_possible', 'sessions_absent', 'sessions_authorised',
    'sessions_unauthorised'
] %}
{%- set tallies = [
    'enrolments', 'enrolments_persistently_absent', 'enrolments_severely_absent', 'dfe_enrolments',
    'dfe_enrolments_persistently_absent', 'dfe_enrolments_severely_absent'
] %}
{%- set singles, crosses = group_dimensions('false'), group_dimensions('true') %}
with half_terms as (
    select * from {{ ref('int_enrolment_half_terms') }}
),

spans as (
    select
        enrolment_id,
        span_no,
        academic_year,
        case when grouping(term_name) = 0 then 'term' else 'year' end as period_type,
        coalesce(term_name, 'year to date') as period_name,
    {% for sum in sums -%}
        sum({{ sum }})::integer as {{ sum }}{{ ',' if not loop.last }}
    {% endfor %}
    from half_terms
    group by enrolment_id, span_no, academic_year, grouping sets ((term_name), ())
),

last_spans as (
    select
        *,
        row_number() over (
            partition by enrolment_id, academic_year, period_type, period_name order by span_no desc
        ) = 1 as is_last
    from spans
),

-- what an enrolment adds to each tally: in the group of its last week in the period, nothing in those before
counted as materialized (
    select
        periods.urn,
        last_spans.academic_year,
        last_spans.period_type,
        last_spans.period_name,
        {% for sum in sums -%}
            last_spans.{{ sum }},
        {% endfor -%}
        (last_spans.is_last and periods.sessions_possible > 0)::integer as enrolments,
        (last_spans.is_last and {{ is_persistently_absent('periods.sessions_absent', 'periods.sessions_possible') }}
        )::integer as enrolments_persistently_absent,
        (last_spans.is_last and {{ is_severely_absent('periods.sessions_absent', 'periods.sessions_possible') }}
        )::integer as enrolments_severely_absent,
        (last_spans.is_last and periods.dfe_sessions_possible > 0)::integer as dfe_enrolments,
        (last_spans.is_last and {{ is_persistently_absent(
            'periods.dfe_sessions_absent', 'periods.dfe_sessions_possible'
        ) }})::integer as dfe_enrolments_persistently_absent,
        (last_spans.is_last and {{ is_severely_absent(
            'periods.dfe_sessions_absent', 'periods.dfe_sessions_possible'
        ) }})::integer as dfe_enrolments_severely_absent,
        groups.*
    from last_spans
    inner join {{ ref('int_enrolment_periods') }} as periods
        on
            last_spans.enrolment_id = periods.enrolment_id
            and last_spans.academic_year = periods.academic_year
            and last_spans.period_type = periods.period_type
            and last_spans.period_name = periods.period_name
            and periods.period_type in ('year', 'term')
    inner join {{ ref('int_enrolment_groups') }} as groups
        on last_spans.enrolment_id = groups.enrolment_id and last_spans.span_no = groups.span_no
)

select
    urn,
    case
        {% for name, first, second in singles -%}
            when grouping({{ first }}) = 0 then '{{ name }}'
        {% endfor -%}
        else 'all'
    end as dimension,
    coalesce(
        {% for name, first, second in singles -%}
            {{ first }},
        {% endfor -%}
        'all children'
    ) as group_name,
    {% for sum in sums + tallies -%}
        sum({{ sum }})::integer as {{ sum }},
    {% endfor -%}
    academic_year,
    period_type,
    period_name
from counted
group by
    urn, academic_year, period_type, period_name, grouping sets (
        {% for name, first, second in singles -%}
            ({{ first }}),
        {% endfor -%}
        ()
    )
union all
select
    urn,
    case
        {% for name, first, second in crosses -%}
            when grouping({{ first }}) + grouping({{ second }}) = 0 then '{{ name }}'
        {% endfor %}
    end as dimension,
    case
        {% for name, first, second in crosses -%}
            when grouping({{ first }}) + grouping({{ second }}) = 0 then {{ first }} || ', ' || {{ second }}
        {% endfor %}
    end as group_name,
    {% for sum in sums + tallies -%}
        sum({{ sum }})::integer as {{ sum }},
    {% endfor -%}
    academic_year,
    period_type,
    period_name
from counted
where period_type = 'year'
group by
    urn, academic_year, period_type, period_name, grouping sets (
        {% for name, first, second in crosses -%}
            ({{ first }}, {{ second }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
