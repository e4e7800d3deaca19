-- One row per school, group of children (of one dimension, or a cross of two in the year only) and year or term.
-- A session counts in the group of its own week; an enrolment in the group of its last week in the period, as one.
-- Sorting is off because the planner expects few rows of the cross join and would sort two million of them on disk.
{{ config(sql_header="set local work_mem = '256MB'; set local enable_sort = off;") }}
{%- set sums = [
    'sessions_expected', 'sessions_unknown', 'sessions_possible', 'sessions_absent', 'sessions_authorised',
    'sessions_unauthorised'
] %}
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
        spans.*,
        row_number() over (
            partition by spans.enrolment_id, spans.academic_year, spans.period_type, spans.period_name
            order by spans.span_no desc
        ) = 1 as is_last
    from spans
),

counted as (
    select
        periods.urn,
        last_spans.*,
        last_spans.is_last and periods.sessions_possible > 0 as is_enrolment,
        last_spans.is_last and {{ is_persistently_absent('periods.sessions_absent', 'periods.sessions_possible') }}
            as is_persistent,
        last_spans.is_last and {{ is_severely_absent('periods.sessions_absent', 'periods.sessions_possible') }}
            as is_severe,
        last_spans.is_last and periods.dfe_sessions_possible > 0 as is_dfe,
        last_spans.is_last and {{ is_persistently_absent(
            'periods.dfe_sessions_absent', 'periods.dfe_sessions_possible'
        ) }} as is_dfe_persistent,
        last_spans.is_last and {{ is_severely_absent(
            'periods.dfe_sessions_absent', 'periods.dfe_sessions_possible'
        ) }} as is_dfe_severe
    from last_spans
    inner join {{ ref('int_enrolment_periods') }} as periods
        on
            last_spans.enrolment_id = periods.enrolment_id
            and last_spans.academic_year = periods.academic_year
            and last_spans.period_type = periods.period_type
            and last_spans.period_name = periods.period_name
),

grouped as (
    select
        counted.*,
        dimensions.dimension,
        dimensions.group_name
    from counted
    inner join {{ ref('int_enrolment_groups') }} as groups
        on counted.enrolment_id = groups.enrolment_id and counted.span_no = groups.span_no
    cross join
        lateral (
            values
            {% for name, first, second in group_dimensions('false') -%}
                ('{{ name }}', groups.{{ first }}, true),
            {% endfor -%}
            {% for name, first, second in group_dimensions('true') -%}
                ('{{ name }}', groups.{{ first }} || ', ' || groups.{{ second }}, counted.period_type = 'year'),
            {% endfor -%}
            ('all', 'all children', true)
        ) as dimensions (dimension, group_name, is_counted)
    where dimensions.is_counted
)

select
    urn,
    dimension,
    group_name,
    academic_year,
    period_type,
    period_name,
    {% for sum in sums -%}
        sum({{ sum }})::integer as {{ sum }},
    {% endfor -%}
    count(*) filter (where is_enrolment)::integer as enrolments,
    count(*) filter (where is_persistent)::integer as enrolments_persistently_absent,
    count(*) filter (where is_severe)::integer as enrolments_severely_absent,
    count(*) filter (where is_dfe)::integer as dfe_enrolments,
    count(*) filter (where is_dfe_persistent)::integer as dfe_enrolments_persistently_absent,
    count(*) filter (where is_dfe_severe)::integer as dfe_enrolments_severely_absent
from grouped
group by 1, 2, 3, 4, 5, 6
